using System.Collections.Concurrent;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// All counters of the data plane. Labels are names from the configuration and fixed codes, never anything a client chose,
/// so their number is bounded.
/// </summary>
public sealed class GatewayMetrics
{
    /// <summary>The name under which requests count that no route matched or that were malformed.</summary>
    public const string NoRoute = "(none)";

    private readonly ConcurrentDictionary<string, RouteCounters> routes = new(StringComparer.Ordinal);
    private long inFlight;
    private long reloads;
    private long failedReloads;
    private long decisionsDropped;

    public GatewayMetrics() => Show([Unrouted = Route(NoRoute)]);

    public RouteCounters Unrouted { get; }

    /// <summary>What the firewall's rules made of requests.</summary>
    public WafCounters Waf { get; } = new();

    public IEnumerable<RouteCounters> Routes => routes.Values.OrderBy(route => route.Route, StringComparer.Ordinal);

    /// <summary>Requests that have begun and are not complete.</summary>
    public long InFlight => Interlocked.Read(ref inFlight);

    /// <summary>Configurations applied after the first.</summary>
    public long Reloads => Interlocked.Read(ref reloads);

    /// <summary>Configurations refused because of errors.</summary>
    public long FailedReloads => Interlocked.Read(ref failedReloads);

    /// <summary>Decision records lost because the disk did not keep up or failed.</summary>
    public long DecisionsDropped => Interlocked.Read(ref decisionsDropped);

    /// <summary>Whether the newest configuration is the one that runs.</summary>
    public bool LastReloadSucceeded { get; private set; } = true;

    /// <summary>The counters of a route; new ones where no configuration that ran had it.</summary>
    public RouteCounters Route(string name) => routes.TryGetValue(name, out var known) ? known : new RouteCounters(name);

    /// <summary>Takes in the counters of a configuration that runs from now on. They stay, so their number is bounded by what operators write.</summary>
    internal void Show(IEnumerable<RouteCounters> counters)
    {
        foreach (var each in counters) routes.TryAdd(each.Route, each);
    }

    internal void RequestBegan() => Interlocked.Increment(ref inFlight);

    internal void RequestEnded() => Interlocked.Decrement(ref inFlight);

    internal void ReloadApplied()
    {
        Interlocked.Increment(ref reloads);
        LastReloadSucceeded = true;
    }

    internal void ReloadFailed()
    {
        Interlocked.Increment(ref failedReloads);
        LastReloadSucceeded = false;
    }

    internal void DropDecisions(long count) => Interlocked.Add(ref decisionsDropped, count);
}
