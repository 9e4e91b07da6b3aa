using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// All clusters of the process, by name, with the pools, health and circuits of their destinations. A reload keeps every
/// destination whose connections are still right (same URL, protocol, TLS, network rules and pool options); others drain.
/// </summary>
/// <remarks>
/// Thread safe. Apply a plan before the snapshot that uses it is published. Names of removed clusters are kept: they are
/// bounded by what operators write.
/// </remarks>
public sealed class ClusterRegistry : IAsyncDisposable
{
    /// <summary>Active checks that run at once, over all clusters; others wait their turn.</summary>
    private const int MostChecks = 64;

    private readonly Lock applying = new();
    private readonly ConcurrentDictionary<string, Cluster> clusters = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim checkSlots = new(MostChecks);
    private readonly DestinationServices services;
    private readonly Func<UpstreamEndpoint, IUpstreamTransport> createTransport;
    private readonly IHostResolver? resolver;
    private readonly HashSet<Lingering> lingering = [];
    private Dictionary<(string Cluster, string Endpoint), Destination> destinations = [];

    /// <param name="clock">The clock of health, circuits and time-outs.</param>
    /// <param name="loggers">For changes of state.</param>
    /// <param name="affinityKey">Keys the ids in affinity cookies; nodes that share clients need the same. Empty: drawn at random.</param>
    public ClusterRegistry(TimeProvider clock, ILoggerFactory loggers, ReadOnlySpan<byte> affinityKey = default)
        : this(clock, loggers, affinityKey, null, null)
    {
    }

    internal ClusterRegistry(
        TimeProvider clock,
        ILoggerFactory loggers,
        ReadOnlySpan<byte> affinityKey,
        Func<UpstreamEndpoint, IUpstreamTransport>? createTransport,
        IHostResolver? resolver)
    {
        Clock = clock;
        var key = affinityKey.IsEmpty ? RandomNumberGenerator.GetBytes(32) : affinityKey.ToArray();
        Logger = loggers.CreateLogger("Portcullis.Forwarding");
        services = new(clock, Logger, key, checkSlots);
        this.createTransport = createTransport ?? UpstreamTransports.Create;
        this.resolver = resolver;
        Mirror = new MirrorQueue(clock, Logger);
        States = new ForwardStatePool(clock);
    }

    internal TimeProvider Clock { get; }

    internal ILogger Logger { get; }

    /// <summary>Sends copies of requests in the background.</summary>
    internal MirrorQueue Mirror { get; }

    /// <summary>Reused by all forwarding requests.</summary>
    internal ForwardStatePool States { get; }

    /// <summary>Loads the files that cluster options name. Reports all that is wrong; changes nothing.</summary>
    /// <param name="options">Clusters by name.</param>
    /// <param name="problems">Gets the errors and warnings.</param>
    /// <param name="directory">Where relative file names start; null: the working directory.</param>
    /// <returns>What <see cref="Apply"/> takes; a cluster with an unreadable file is missing from it.</returns>
    public static ClusterPlan Prepare(IReadOnlyDictionary<string, ClusterOptions> options, ConfigurationProblems problems, string? directory = null)
    {
        var entries = new List<ClusterPlan.Entry>();
        foreach (var (name, cluster) in options)
        {
            if (UpstreamTls.TryLoad(cluster.Tls, directory, out var tls, out var key, out var error)) entries.Add(new(name, cluster, tls));
            else problems.Error($"clusters.{name}.tls.{key}", error, "name a readable PEM file with what is asked for");
        }

        return new ClusterPlan(entries);
    }

    /// <summary>Makes the plan the one that requests see from here on.</summary>
    public void Apply(ClusterPlan plan)
    {
        lock (applying)
        {
            var now = Clock.GetTimestamp();
            var kept = new Dictionary<(string Cluster, string Endpoint), Destination>();
            foreach (var entry in plan.Entries) Join(entry, kept, now);

            var removed = new List<Destination>();
            foreach (var (key, destination) in destinations)
            {
                if (!kept.ContainsKey(key)) removed.Add(destination);
            }

            destinations = kept;
            if (removed.Count > 0) lingering.Add(new Lingering(removed, Clock, Dismiss));
        }
    }

    /// <summary>State of all clusters at this moment.</summary>
    public IReadOnlyList<ClusterStatus> Describe()
    {
        HashSet<string> present;
        lock (applying) present = [.. destinations.Keys.Select(key => key.Cluster)];
        return [.. clusters.Values.Where(cluster => present.Contains(cluster.Name)).Select(cluster => cluster.Describe())];
    }

    /// <summary>Ends the checks and closes connections as their last requests end.</summary>
    public async ValueTask DisposeAsync()
    {
        await Mirror.DisposeAsync();
        lock (applying)
        {
            foreach (var destination in destinations.Values) destination.Dispose();
            destinations = [];
            foreach (var removed in lingering) removed.Dispose();
            lingering.Clear();
        }
    }

    /// <summary>The cluster of this name, for routes to hold on to; made where it is not there yet.</summary>
    internal Cluster Get(string name) => clusters.GetOrAdd(name, static (key, clock) => new Cluster(key, clock), Clock);

    private void Dismiss(Lingering removed)
    {
        lock (applying)
        {
            if (lingering.Remove(removed)) removed.Dispose();
        }
    }

    private void Join(ClusterPlan.Entry entry, Dictionary<(string Cluster, string Endpoint), Destination> kept, long now)
    {
        var cluster = Get(entry.Name);
        var options = entry.Options;
        var members = new Destination[options.Destinations.Count];
        var weights = new int[members.Length];
        var joinsOthers = cluster.View is { Destinations.Length: > 0 };
        for (var i = 0; i < members.Length; i++)
        {
            var endpoint = new UpstreamEndpoint(options.Destinations[i].Url, options, entry.Tls, Clock, resolver);
            var key = (entry.Name, endpoint.Key);
            if (!destinations.TryGetValue(key, out var destination))
            {
                destination = new Destination(entry.Name, endpoint, createTransport(endpoint), options, services);
                if (joinsOthers) destination.Health.Ramp(now, options.Health);
            }

            destination.Update(options);
            kept[key] = members[i] = destination;
            weights[i] = options.Destinations[i].Weight;
        }

        cluster.Apply(new ClusterView(options, members, weights));
    }
}
