using System.Globalization;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Telemetry;

/// <summary>Every metric of the gateway, once: <see cref="PrometheusText"/> shows them, <see cref="OpenTelemetryExport"/> sends them.</summary>
internal static class MetricCatalog
{
    /// <summary>Series by route: thousands of routes, most with few of the classes, codes and so on.</summary>
    private const int ManyRoutes = 10_000;

    public static readonly IReadOnlyList<MetricFamily> All = [.. Requests(), .. Firewall(), .. Connections(), .. Upstreams(), .. Process()];

    private static IEnumerable<MetricFamily> Requests() =>
    [
        new("portcullis_requests_total", MetricKind.Counter, "Requests by route and status class.", static host =>
            from route in host.Metrics.Routes
            from statusClass in Enumerable.Range(1, 5)
            let count = route.Responses(statusClass)
            where count > 0
            select new MetricSample(count, Label("route", route.Route), Label("status", $"{statusClass}xx"))) { MostSeries = ManyRoutes },
        new("portcullis_refusals_total", MetricKind.Counter, "Refused and failed requests by route, public code and side to blame: downstream, gateway or upstream.", static host =>
            from route in host.Metrics.Routes
            from refusal in route.Refusals
            select new MetricSample(refusal.Count, Label("route", route.Route), Label("code", refusal.Code), Label("source", refusal.Source.Word()))) { MostSeries = ManyRoutes },
        PerRoute("portcullis_shadowed_total", "Requests that a policy in shadow mode would have refused.", static route => route.Shadowed),
        PerRoute("portcullis_response_bytes_total", "Octets of response bodies.", static route => route.ResponseBytes),
        new("portcullis_request_duration_seconds", MetricKind.Histogram, "Time from request to complete response.", static host => host.Metrics.Routes.SelectMany(Durations)) { MostSeries = 4 * ManyRoutes },
        PerRoute("portcullis_upstream_seconds_total", "Time spent waiting for response heads of upstreams.", static route => route.UpstreamMicroseconds / 1e6),
        Single("portcullis_requests_in_flight", MetricKind.Gauge, "Requests that have begun and are not complete.", static host => host.Metrics.InFlight),
        Single("portcullis_decision_log_dropped_total", MetricKind.Counter, "Decision records lost because the disk did not keep up or failed.", static host => host.Metrics.DecisionsDropped),
    ];

    private static IEnumerable<MetricFamily> Firewall() =>
    [
        new("portcullis_waf_requests_total", MetricKind.Counter, "Requests before the rules of the firewall, by mode and result: clean, matched, detected, blocked or fault.", static host =>
            from isDetecting in new[] { false, true }
            from result in Enum.GetValues<WafResult>()
            let count = host.Metrics.Waf.Count(isDetecting, result)
            where count > 0
            select new MetricSample(count, Label("mode", isDetecting ? "detect" : "block"), Label("result", result.ToString().ToLowerInvariant()))),
        Single("portcullis_waf_cut_total", MetricKind.Counter, "Bodies that the rules did not see whole.", static host => host.Metrics.Waf.Cut),
        Single("portcullis_waf_body_bytes", MetricKind.Gauge, "Memory that bodies under inspection take.", static host => host.State.Rules.Bodies.Used),
        new("portcullis_waf_inspection_seconds", MetricKind.Histogram, "Time that a request spends in the rules.", static host => Inspections(host.Metrics.Waf)),
    ];

    private static IEnumerable<MetricFamily> Connections() =>
    [
        PerListener("portcullis_connections_open", MetricKind.Gauge, "Open client connections by listener.", static listener => listener.Counters.Open),
        PerListener("portcullis_connections_accepted_total", MetricKind.Counter, "Client connections let in.", static listener => listener.Counters.Accepted),
        new("portcullis_connections_refused_total", MetricKind.Counter, "Client connections turned away or cut, by reason.", static host =>
            from listener in host.AllListeners
            from reason in Enum.GetValues<ConnectionRefusal>()
            let count = listener.Counters.Refused(reason)
            where count > 0
            select new MetricSample(count, Label("listener", listener.Name), Label("reason", reason.ToString().ToLowerInvariant()))),
        new("portcullis_certificate_not_after_seconds", MetricKind.Gauge, "End of validity of the certificates served, in seconds since 1970.", static host =>
            from listener in host.AllListeners
            from certificate in listener.Certificates.Index()
            select new MetricSample(certificate.Item.NotAfter.ToUnixTimeSeconds(), Label("listener", listener.Name), Label("index", certificate.Index))),
    ];

    private static IEnumerable<MetricFamily> Upstreams() =>
    [
        PerDestination("portcullis_upstream_requests_total", MetricKind.Counter, "Tries sent to a destination.", static destination => destination.Requests),
        PerDestination("portcullis_upstream_failures_total", MetricKind.Counter, "Failed tries and 5xx answers of a destination.", static destination => destination.Failures),
        PerDestination("portcullis_upstream_requests_in_flight", MetricKind.Gauge, "Requests in flight to a destination.", static destination => destination.InFlight),
        PerDestination("portcullis_upstream_healthy", MetricKind.Gauge, "1 where checks find a destination healthy.", static destination => destination.IsHealthy ? 1 : 0),
        PerDestination("portcullis_upstream_circuit_open", MetricKind.Gauge, "1 where the circuit of a destination is open, 0.5 where it is probed.", static destination => destination.Circuit switch { CircuitState.Open => 1, CircuitState.HalfOpen => 0.5, _ => 0 }),
        PerCluster("portcullis_upstream_retries_total", "Tries after a failed one.", static cluster => cluster.Retries),
        PerCluster("portcullis_upstream_retries_denied_total", "Retries that the budget did not cover.", static cluster => cluster.RetriesDenied),
        PerCluster("portcullis_mirrored_total", "Requests copied to the cluster.", static cluster => cluster.Mirrored),
        PerCluster("portcullis_mirror_dropped_total", "Copies not sent: body too long or queue full.", static cluster => cluster.MirrorDropped),
    ];

    private static IEnumerable<MetricFamily> Process() =>
    [
        Single("portcullis_limit_keys", MetricKind.Gauge, "Keys that limits count.", static host => host.State.Limits.Count),
        Single("portcullis_limit_overflows_total", MetricKind.Counter, "Requests counted in a shared cell because the table of limits was full.", static host => host.State.Limits.Overflows),
        Single("portcullis_config_version", MetricKind.Gauge, "Configurations applied since the start.", static host => host.Version),
        Single("portcullis_config_last_reload_success", MetricKind.Gauge, "1 where the newest configuration runs, 0 where it was refused.", static host => host.Metrics.LastReloadSucceeded ? 1 : 0),
        Single("portcullis_config_reloads_total", MetricKind.Counter, "Configurations applied after the first.", static host => host.Metrics.Reloads),
        Single("portcullis_config_reload_failures_total", MetricKind.Counter, "Configurations refused.", static host => host.Metrics.FailedReloads),
        Single("portcullis_key_ring_current", MetricKind.Gauge, "1 where the keys on disk are in use, 0 where they can't be read or written and those in memory stay.", static host => host.KeyProblem is null ? 1 : 0),
        Single("process_resident_memory_bytes", MetricKind.Gauge, "Resident memory.", static _ => Environment.WorkingSet),
        Single("dotnet_gc_heap_bytes", MetricKind.Gauge, "Managed heap.", static _ => GC.GetTotalMemory(forceFullCollection: false)),
        Single("dotnet_gc_allocated_bytes_total", MetricKind.Counter, "Bytes allocated on the managed heap.", static _ => GC.GetTotalAllocatedBytes()),
        Single("dotnet_gc_collections_total", MetricKind.Counter, "Garbage collections of any generation.", static _ => GC.CollectionCount(0)),
        Single("dotnet_threadpool_threads", MetricKind.Gauge, "Threads of the pool.", static _ => ThreadPool.ThreadCount),
    ];

    private static IEnumerable<MetricSample> Durations(RouteCounters route)
    {
        long total = 0;
        for (var index = 0; index <= RouteCounters.DurationBounds.Count; index++)
        {
            total += route.DurationBucket(index);
            var bound = index == RouteCounters.DurationBounds.Count ? "+Inf" : RouteCounters.DurationBounds[index].ToString(CultureInfo.InvariantCulture);
            yield return new MetricSample(total, Label("route", route.Route), Label("le", bound)) { Suffix = MetricFamily.Bucket };
        }

        yield return new MetricSample(route.DurationMicroseconds / 1e6, Label("route", route.Route)) { Suffix = MetricFamily.Sum };
        yield return new MetricSample(total, Label("route", route.Route)) { Suffix = MetricFamily.Count };
    }

    private static IEnumerable<MetricSample> Inspections(WafCounters waf)
    {
        long total = 0;
        for (var index = 0; index <= WafCounters.DurationBounds.Count; index++)
        {
            total += waf.DurationBucket(index);
            var bound = index == WafCounters.DurationBounds.Count ? "+Inf" : WafCounters.DurationBounds[index].ToString("0.######", CultureInfo.InvariantCulture);
            yield return new MetricSample(total, Label("le", bound)) { Suffix = MetricFamily.Bucket };
        }

        yield return new MetricSample(waf.DurationMicroseconds / 1e6) { Suffix = MetricFamily.Sum };
        yield return new MetricSample(total) { Suffix = MetricFamily.Count };
    }

    private static MetricFamily Single(string name, MetricKind kind, string help, Func<DataPlaneHost, double> read)
        => new(name, kind, help, host => [new MetricSample(read(host))]);

    private static MetricFamily PerRoute(string name, string help, Func<RouteCounters, double> read)
        => new(name, MetricKind.Counter, help, host => host.Metrics.Routes.Select(route => new MetricSample(read(route), Label("route", route.Route)))) { MostSeries = ManyRoutes };

    private static MetricFamily PerListener(string name, MetricKind kind, string help, Func<Listener, double> read)
        => new(name, kind, help, host => host.AllListeners.Select(listener => new MetricSample(read(listener), Label("listener", listener.Name))));

    private static MetricFamily PerCluster(string name, string help, Func<ClusterStatus, double> read)
        => new(name, MetricKind.Counter, help, host => host.State.Clusters.Describe().Select(cluster => new MetricSample(read(cluster), Label("cluster", cluster.Name))));

    // By its place in the configuration: no address is a label.
    private static MetricFamily PerDestination(string name, MetricKind kind, string help, Func<DestinationStatus, double> read)
        => new(name, kind, help, host =>
            from cluster in host.State.Clusters.Describe()
            from destination in cluster.Destinations.Index()
            select new MetricSample(read(destination.Item), Label("cluster", cluster.Name), Label("destination", destination.Index)));

    private static KeyValuePair<string, object?> Label(string name, object value) => new(name, value);
}
