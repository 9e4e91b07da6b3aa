using Microsoft.Extensions.Logging;
using Portcullis.Admin;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.Gateway;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Serving;

/// <summary>One running process: data plane, admin listener, key upkeep and configuration reloads.</summary>
internal sealed partial class GatewayNode : IAsyncDisposable
{
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly DataPlaneHost dataPlane;
    private readonly KeyUpkeep keys;
    private readonly GatewayOptions started;
    private readonly RunningOptions running;
    private AdminHost? admin;

    private GatewayNode(ILoggerFactory loggers, DataPlaneHost dataPlane, KeyUpkeep keys, NodeIdentity identity, GatewayOptions started, RunningOptions running)
    {
        this.loggers = loggers;
        logger = loggers.CreateLogger<GatewayNode>();
        this.dataPlane = dataPlane;
        this.keys = keys;
        Identity = identity;
        this.started = started;
        this.running = running;
    }

    /// <summary>The database, and who is known by it.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>Starts everything, or returns what stands in the way.</summary>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    /// <exception cref="StoreException">The database can't be used.</exception>
    /// <exception cref="KeyRingException">The keys can't be used.</exception>
    /// <exception cref="ListenerException">The admin listener can't be started.</exception>
    public static async Task<(GatewayNode? Node, IReadOnlyList<string> Problems)> StartAsync(LoadResult loaded, DataDirectory data, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var options = loaded.Options!;

        // Beside all that follows: on two cores the database is open before anything waits for it.
        var running = new RunningOptions(options);
        var roles = new RunningRoles();
        var ring = new TaskCompletionSource<KeyRing>(TaskCreationOptions.RunContinuationsAsynchronously);
        var identity = NodeIdentity.Start(
            data, options.Storage, ring.Task, () => SessionRules.Of(running.Current.Identity?.Session ?? new SessionOptions()),
            roles, options.Identity?.Passwords ?? new PasswordOptions(), loggers, clock, cancellationToken);
        KeyUpkeep keys;
        try
        {
            keys = KeyUpkeep.Open(data, options, loggers, clock);
        }
        catch
        {
            ring.SetCanceled(CancellationToken.None);
            await identity.DisposeAsync();
            throw;
        }

        ring.SetResult(keys.Ring.Value);
        var addresses = new AddressMask();
        var dataPlane = new DataPlaneHost(new DataPlaneServices
        {
            Loggers = loggers,
            Clock = clock,
            Addresses = addresses,
            Keys = keys.Ring,
            KeyProblem = () => keys.Problem,
            Clients = identity.Clients,
            Identity = identity.Services,
            Roles = roles,
            DevelopmentCertificate = () => DevelopmentCertificate.LoadOrCreate(data.Certificates, clock),
            AffinityKey = data.StableBytes("affinity.key"),
            ShutdownTimeout = options.ShutdownTimeout,
        });
        var node = new GatewayNode(loggers, dataPlane, keys, identity, options, running);
        LogEffective(loggers.CreateLogger(ConsoleLog.EffectiveConfigurationCategory), EffectiveConfiguration.ToYaml(loaded));
        var started = false;
        try
        {
            var problems = await dataPlane.ApplyAsync(loaded, cancellationToken);
            if (problems.Count > 0) return (null, problems);

            if (options.Admin.Enabled)
            {
                var services = new ListenerServices
                {
                    Logging = loggers,
                    Time = clock,
                    Addresses = addresses,
                    DevelopmentCertificate = () => DevelopmentCertificate.LoadOrCreate(data.Certificates, clock),
                };
                node.admin = await AdminHost.StartAsync(options.Admin, dataPlane, services, cancellationToken);
            }

            // A damaged file is found by whoever starts the node and not by its first client.
            await identity.ClientsAsync();
            started = true;
            return (node, []);
        }
        finally
        {
            if (!started) await node.DisposeAsync();
        }
    }

    /// <summary>Takes over a changed configuration; the running one stays where the new one has errors.</summary>
    public async Task ReloadAsync(LoadResult loaded)
    {
        var problems = await dataPlane.ApplyAsync(loaded);
        if (problems.Count > 0 || loaded.Options is null) return;

        running.Current = loaded.Options;
        LogEffective(loggers.CreateLogger(ConsoleLog.EffectiveConfigurationCategory), EffectiveConfiguration.ToYaml(loaded));
        foreach (var key in RestartNeeded.Between(started, loaded.Options)) LogRestartNeeded(logger, key);
    }

    public async ValueTask DisposeAsync()
    {
        // Data first: readiness turns 503 on the admin listener while requests in flight finish.
        await dataPlane.StopAsync();
        if (admin is not null) await admin.DisposeAsync();
        await dataPlane.DisposeAsync();
        await Identity.DisposeAsync();
        await keys.DisposeAsync();
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Effective configuration, secrets redacted:\n{Configuration}")]
    private static partial void LogEffective(ILogger logger, string configuration);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "{Key} differs from what this process was started with; it takes effect at the next start")]
    private static partial void LogRestartNeeded(ILogger logger, string key);
}
