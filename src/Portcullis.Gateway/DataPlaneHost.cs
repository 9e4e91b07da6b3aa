using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway;

/// <summary>
/// The running data plane: its listeners, the published snapshot and all that outlives snapshots. Wiring stands here in plain
/// sight. Applying a configuration is all or nothing, and calls wait for each other.
/// </summary>
public sealed partial class DataPlaneHost : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private readonly ILogger logger;
    private readonly Func<string?> keyProblem;
    private readonly SnapshotHolder snapshots = new();
    private readonly ConfigurationCompiler compiler;
    private readonly AddressMask addresses;
    private readonly DecisionLog decisions;
    private readonly ListenerSet<Exchange> listeners;
    private readonly RunningRoles roles;
    private readonly PermissionUseWriter permissionUses;
    private OpenTelemetryExport? exporter;
    private volatile IReadOnlyList<string> lastProblems = [];
    private ImmutableArray<Listener> shown = [];
    private volatile bool stopping;

    public DataPlaneHost(DataPlaneServices services)
    {
        logger = services.Loggers.CreateLogger<DataPlaneHost>();
        keyProblem = services.KeyProblem;
        addresses = services.Addresses;
        roles = services.Roles;
        Metrics = new GatewayMetrics();
        var rules = new RuleSets(services.Clock);
        var fetcher = new KeySetFetcher(services.Loggers.CreateLogger<KeySetFetcher>(), services.Clock);
        var events = services.Identity.Events ?? new LoggedSecurityEvents(services.Loggers.CreateLogger<LoggedSecurityEvents>());
        var revocations = new RevocationList(services.Clock, events);
        var uses = new PermissionUses(services.Clock);
        State = new DataPlaneState
        {
            Clock = services.Clock,
            Loggers = services.Loggers,
            Metrics = Metrics,
            Limits = new LimitStore(services.Clock),
            Rules = rules,
            Recording = new RequestRecording(services.Keys, rules.Bodies, services.Loggers.CreateLogger<RequestRecording>()),
            Clusters = new ClusterRegistry(services.Clock, services.Loggers, services.AffinityKey.Span),
            Tokens = new TokenAuthenticator(services.Keys, fetcher, services.Clock, revocations, services.Identity.Entitlements),
            Keys = services.Keys,
            Clients = services.Clients,
            Identity = services.Identity,
            Revocations = revocations,
            SecurityEvents = events,
            RevocationFeed = new RevocationFeed(revocations, services.Identity.Revocations, services.Clock, services.Loggers.CreateLogger<RevocationFeed>()),
            ClientKeys = new ClientKeys(fetcher, services.Clock),
            PermissionUses = services.Identity.PermissionUses is null ? null : uses,
        };
        permissionUses = new PermissionUseWriter(uses, services.Identity.PermissionUses, services.Clock, services.Loggers.CreateLogger<PermissionUseWriter>());
        compiler = new ConfigurationCompiler(PolicyKinds.All, State);
        decisions = new DecisionLog(Metrics, addresses, services.Clock, services.Loggers.CreateLogger<DecisionLog>());

        var recorder = new RequestRecorder(Metrics, decisions, services.Clock);
        var runner = new RequestRunner(snapshots, recorder, services.Loggers.CreateLogger<RequestRunner>());
        listeners = new ListenerSet<Exchange>(
            new DataPlaneApplication(runner),
            new ListenerServices
            {
                Logging = services.Loggers,
                Time = services.Clock,
                Addresses = addresses,
                Refusals = new RecordedRefusals(snapshots, Metrics, decisions, services.Clock),
                DevelopmentCertificate = services.DevelopmentCertificate,
            },
            services.ShutdownTimeout);
    }

    /// <summary>What outlives configurations.</summary>
    public DataPlaneState State { get; }

    public GatewayMetrics Metrics { get; }

    /// <summary>The running listeners by name.</summary>
    public IReadOnlyDictionary<string, Listener> Listeners => listeners.Current;

    /// <summary>The running listeners by name, and those that were added by <see cref="Show"/>.</summary>
    internal IEnumerable<Listener> AllListeners => listeners.Current.Values.Concat(shown).OrderBy(listener => listener.Name, StringComparer.Ordinal);

    /// <summary>The configuration that runs; null before the first.</summary>
    public GatewayOptions? Options => snapshots.Current?.Options;

    /// <summary>The roles of the configuration that runs.</summary>
    public RunningRoles Roles => roles;

    /// <summary>Count of configurations applied; 0 before the first.</summary>
    public long Version => snapshots.Current?.Version ?? 0;

    /// <summary>Where snapshots are published.</summary>
    internal SnapshotHolder Snapshots => snapshots;

    /// <summary>What stood in the way of the newest configuration; empty where it runs.</summary>
    public IReadOnlyList<string> LastProblems => lastProblems;

    /// <summary>Why the keys on disk as they are now can't be used; those in memory stay in use. Null while all is well.</summary>
    public string? KeyProblem => keyProblem();

    /// <summary>Whether requests are served: a configuration runs and the process is not on its way out.</summary>
    public bool IsReady => snapshots.Current is not null && !stopping;

    /// <summary>
    /// Applies a loaded configuration. On failure the running one stays, whole. Returns what stood in the way, empty on success.
    /// </summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(LoadResult loaded, CancellationToken cancellationToken = default)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var isFirst = snapshots.Current is null;
            var problems = await ApplyInTurnAsync(loaded, cancellationToken);
            lastProblems = problems;
            if (problems.Count == 0 && !isFirst) Metrics.ReloadApplied();
            if (problems.Count > 0)
            {
                Metrics.ReloadFailed();
                foreach (var problem in problems) LogRefused(logger, problem);
            }

            return problems;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Shows a listener beside the data plane's, as that of the admin host, in the metrics.</summary>
    public void Show(Listener listener) => ImmutableInterlocked.Update(ref shown, static (all, one) => all.Add(one), listener);

    /// <summary>Stops: readiness turns, listeners accept no more, requests in flight finish within the shutdown time-out.</summary>
    public async Task StopAsync()
    {
        stopping = true;
        await listeners.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await listeners.DisposeAsync();
        await State.RevocationFeed.DisposeAsync();
        await permissionUses.DisposeAsync();
        await State.Clusters.DisposeAsync();
        await decisions.DisposeAsync();
        await State.Recording!.DisposeAsync();
        exporter?.Dispose();
        turn.Dispose();
    }

    private async Task<IReadOnlyList<string>> ApplyInTurnAsync(LoadResult loaded, CancellationToken cancellationToken)
    {
        try
        {
            return await TryApplyAsync(loaded, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Not foreseen, so no fault of the file's: still nothing has changed, and whoever looks at health or metrics must see it.
            LogFailed(logger, exception);
            return [$"error: the configuration can't be applied: {exception.Message}\n  hint: this is a fault of the gateway; its log has the details (event 1404)"];
        }
    }

    private async Task<IReadOnlyList<string>> TryApplyAsync(LoadResult loaded, CancellationToken cancellationToken)
    {
        // 1. Compile: everything that can be wrong with the text is found here, at once.
        var snapshot = compiler.Compile(loaded.Bound, loaded.Problems, Version + 1);
        if (snapshot is null || loaded.Options is not { } options) return [.. loaded.Problems.All.Where(problem => problem.IsError).Select(problem => problem.ToString())];
        foreach (var warning in loaded.Problems.All) LogWarning(logger, warning.ToString());

        // 2. What else can fail is prepared, beside what runs.
        var running = exporter;
        var next = options.Telemetry.Otlp == running?.Options ? running : OpenTelemetryExport.TryStart(options.Telemetry.Otlp, this);

        // 3. Listeners, all or nothing. Where one is in the way, nothing of the new configuration has been seen by any request.
        try
        {
            var inTheWay = await listeners.ApplyAsync(options.Listeners, () => Publish(snapshot, loaded.Directory), cancellationToken);
            if (inTheWay.Count > 0) return [.. inTheWay.Select(problem => $"error: {problem}\n  hint: see listeners in the configuration")];
            exporter = next;
        }
        finally
        {
            // Ending an export may wait for its collector, so it comes last.
            if (!ReferenceEquals(exporter, next)) next?.Dispose();
            else if (!ReferenceEquals(exporter, running)) running?.Dispose();
        }

        LogApplied(logger, snapshot.Version, options.Listeners.Count, options.Routes.Count);
        return [];
    }

    /// <summary>The new configuration in effect, all of it at once. Clusters before the snapshot that asks for them; what they had keeps its state.</summary>
    private void Publish(GatewaySnapshot snapshot, string directory)
    {
        State.Clusters.Apply(snapshot.Clusters);
        var telemetry = snapshot.Options.Telemetry;
        State.Recording!.Options = snapshot.Options.Waf.Record;
        State.Rules.Bodies.Capacity = snapshot.Options.Waf.BodyMemory;
        addresses.IsOn = telemetry.MaskAddresses;
        decisions.Path = telemetry.DecisionLog is { } path ? Path.GetFullPath(path, directory) : null;
        Metrics.Show(snapshot.Counters);
        roles.Publish(snapshot.Roles, snapshot.Vocabulary);
        snapshots.Publish(snapshot);
    }

    [LoggerMessage(EventId = 1401, Level = LogLevel.Information, Message = "Configuration {Version} runs: {Listeners} listeners, {Routes} routes")]
    private static partial void LogApplied(ILogger logger, long version, int listeners, int routes);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Error, Message = "The configuration was not applied; the last good one stays. {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);

    [LoggerMessage(EventId = 1403, Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);

    [LoggerMessage(EventId = 1404, Level = LogLevel.Error, Message = "Applying a configuration failed inside the gateway")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
