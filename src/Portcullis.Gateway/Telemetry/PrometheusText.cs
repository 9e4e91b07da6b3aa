using System.Globalization;
using System.Text;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Telemetry;

/// <summary>The counters in the Prometheus text format 0.0.4. Labels are names from the configuration and fixed words only.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(DataPlaneHost host)
    {
        var text = new StringBuilder(16 * 1024);
        Requests(text, host.Metrics);
        Listeners(text, host.Listeners.Values);
        Clusters(text, host.State.Clusters.Describe());
        Process(text, host);
        return text.ToString();
    }

    private static void Requests(StringBuilder text, GatewayMetrics metrics)
    {
        Head(text, "portcullis_requests_total", "counter", "Requests by route and status class.");
        foreach (var route in metrics.Routes)
        {
            for (var statusClass = 1; statusClass <= 5; statusClass++)
            {
                if (route.Responses(statusClass) is > 0 and var count) text.Append(CultureInfo.InvariantCulture, $"portcullis_requests_total{{route=\"{Label(route.Route)}\",status=\"{statusClass}xx\"}} {count}\n");
            }
        }

        Head(text, "portcullis_refusals_total", "counter", "Refused requests by route and public code.");
        foreach (var route in metrics.Routes)
        {
            foreach (var (code, count) in route.Refusals) text.Append(CultureInfo.InvariantCulture, $"portcullis_refusals_total{{route=\"{Label(route.Route)}\",code=\"{code}\"}} {count}\n");
        }

        PerRoute(text, metrics, "portcullis_shadowed_total", "Requests that a policy in shadow mode would have refused.", route => route.Shadowed);
        PerRoute(text, metrics, "portcullis_response_bytes_total", "Octets of response bodies.", route => route.ResponseBytes);

        Head(text, "portcullis_request_duration_seconds", "histogram", "Time from request to complete response.");
        foreach (var route in metrics.Routes) Histogram(text, route);

        Head(text, "portcullis_upstream_seconds_total", "counter", "Time spent waiting for response heads of upstreams.");
        foreach (var route in metrics.Routes) text.Append(CultureInfo.InvariantCulture, $"portcullis_upstream_seconds_total{{route=\"{Label(route.Route)}\"}} {route.UpstreamMicroseconds / 1e6}\n");

        Single(text, "portcullis_requests_in_flight", "gauge", "Requests that have begun and are not complete.", metrics.InFlight);
        Single(text, "portcullis_decision_log_dropped_total", "counter", "Decision records lost because the disk did not keep up or failed.", metrics.DecisionsDropped);
    }

    private static void Histogram(StringBuilder text, RouteCounters route)
    {
        long total = 0;
        for (var index = 0; index <= RouteCounters.DurationBounds.Count; index++)
        {
            total += route.DurationBucket(index);
            var bound = index == RouteCounters.DurationBounds.Count ? "+Inf" : RouteCounters.DurationBounds[index].ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"portcullis_request_duration_seconds_bucket{{route=\"{Label(route.Route)}\",le=\"{bound}\"}} {total}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"portcullis_request_duration_seconds_sum{{route=\"{Label(route.Route)}\"}} {route.DurationMicroseconds / 1e6}\n");
        text.Append(CultureInfo.InvariantCulture, $"portcullis_request_duration_seconds_count{{route=\"{Label(route.Route)}\"}} {total}\n");
    }

    private static void Listeners(StringBuilder text, IEnumerable<Listener> listeners)
    {
        var all = listeners.OrderBy(listener => listener.Name, StringComparer.Ordinal).ToList();
        Head(text, "portcullis_connections_open", "gauge", "Open client connections by listener.");
        foreach (var listener in all) text.Append(CultureInfo.InvariantCulture, $"portcullis_connections_open{{listener=\"{Label(listener.Name)}\"}} {listener.Counters.Open}\n");

        Head(text, "portcullis_connections_accepted_total", "counter", "Client connections let in.");
        foreach (var listener in all) text.Append(CultureInfo.InvariantCulture, $"portcullis_connections_accepted_total{{listener=\"{Label(listener.Name)}\"}} {listener.Counters.Accepted}\n");

        Head(text, "portcullis_connections_refused_total", "counter", "Client connections turned away or cut, by reason.");
        foreach (var listener in all)
        {
            foreach (var reason in Enum.GetValues<ConnectionRefusal>())
            {
                if (listener.Counters.Refused(reason) is > 0 and var count)
                    text.Append(CultureInfo.InvariantCulture, $"portcullis_connections_refused_total{{listener=\"{Label(listener.Name)}\",reason=\"{reason.ToString().ToLowerInvariant()}\"}} {count}\n");
            }
        }

        Head(text, "portcullis_certificate_not_after_seconds", "gauge", "End of validity of the certificates served, in seconds since 1970.");
        foreach (var listener in all)
        {
            foreach (var (index, certificate) in listener.Certificates.Index())
                text.Append(CultureInfo.InvariantCulture, $"portcullis_certificate_not_after_seconds{{listener=\"{Label(listener.Name)}\",index=\"{index}\"}} {certificate.NotAfter.ToUnixTimeSeconds()}\n");
        }
    }

    private static void Clusters(StringBuilder text, IReadOnlyList<ClusterStatus> clusters)
    {
        PerDestination(text, clusters, "portcullis_upstream_requests_total", "counter", "Tries sent to a destination.", destination => destination.Requests);
        PerDestination(text, clusters, "portcullis_upstream_failures_total", "counter", "Failed tries and 5xx answers of a destination.", destination => destination.Failures);
        PerDestination(text, clusters, "portcullis_upstream_requests_in_flight", "gauge", "Requests in flight to a destination.", destination => destination.InFlight);
        PerDestination(text, clusters, "portcullis_upstream_healthy", "gauge", "1 where checks find a destination healthy.", destination => destination.IsHealthy ? 1 : 0);
        PerDestination(text, clusters, "portcullis_upstream_circuit_open", "gauge", "1 where the circuit of a destination is open, 0.5 where it is probed.", destination => destination.Circuit switch { CircuitState.Open => 1, CircuitState.HalfOpen => 0.5, _ => 0 });
        PerCluster(text, clusters, "portcullis_upstream_retries_total", "Tries after a failed one.", cluster => cluster.Retries);
        PerCluster(text, clusters, "portcullis_upstream_retries_denied_total", "Retries that the budget did not cover.", cluster => cluster.RetriesDenied);
        PerCluster(text, clusters, "portcullis_mirrored_total", "Requests copied to the cluster.", cluster => cluster.Mirrored);
        PerCluster(text, clusters, "portcullis_mirror_dropped_total", "Copies not sent: body too long or queue full.", cluster => cluster.MirrorDropped);
    }

    private static void PerDestination(StringBuilder text, IReadOnlyList<ClusterStatus> clusters, string name, string type, string help, Func<DestinationStatus, double> read)
    {
        Head(text, name, type, help);
        foreach (var cluster in clusters)
        {
            // By its place in the configuration: no address is a label.
            foreach (var (index, destination) in cluster.Destinations.Index())
                text.Append(CultureInfo.InvariantCulture, $"{name}{{cluster=\"{Label(cluster.Name)}\",destination=\"{index}\"}} {read(destination)}\n");
        }
    }

    private static void PerCluster(StringBuilder text, IReadOnlyList<ClusterStatus> clusters, string name, string help, Func<ClusterStatus, long> read)
    {
        Head(text, name, "counter", help);
        foreach (var cluster in clusters) text.Append(CultureInfo.InvariantCulture, $"{name}{{cluster=\"{Label(cluster.Name)}\"}} {read(cluster)}\n");
    }

    private static void Process(StringBuilder text, DataPlaneHost host)
    {
        Single(text, "portcullis_limit_keys", "gauge", "Keys that limits count.", host.State.Limits.Count);
        Single(text, "portcullis_limit_overflows_total", "counter", "Requests counted in a shared cell because the table of limits was full.", host.State.Limits.Overflows);
        Single(text, "portcullis_config_version", "gauge", "Configurations applied since the start.", host.Version);
        Single(text, "portcullis_config_last_reload_success", "gauge", "1 where the newest configuration runs, 0 where it was refused.", host.Metrics.LastReloadSucceeded ? 1 : 0);
        Single(text, "portcullis_config_reloads_total", "counter", "Configurations applied after the first.", host.Metrics.Reloads);
        Single(text, "portcullis_config_reload_failures_total", "counter", "Configurations refused.", host.Metrics.FailedReloads);
        Single(text, "portcullis_key_ring_current", "gauge", "1 where the keys on disk are in use, 0 where they can't be read or written and those in memory stay.", host.KeyProblem is null ? 1 : 0);
        Single(text, "process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        Single(text, "dotnet_gc_heap_bytes", "gauge", "Managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        Single(text, "dotnet_gc_allocated_bytes_total", "counter", "Bytes allocated on the managed heap.", GC.GetTotalAllocatedBytes());
        Single(text, "dotnet_gc_collections_total", "counter", "Garbage collections of any generation.", GC.CollectionCount(0));
        Single(text, "dotnet_threadpool_threads", "gauge", "Threads of the pool.", ThreadPool.ThreadCount);
    }

    private static void PerRoute(StringBuilder text, GatewayMetrics metrics, string name, string help, Func<RouteCounters, long> read)
    {
        Head(text, name, "counter", help);
        foreach (var route in metrics.Routes)
        {
            if (read(route) is > 0 and var value) text.Append(CultureInfo.InvariantCulture, $"{name}{{route=\"{Label(route.Route)}\"}} {value}\n");
        }
    }

    private static void Single(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    private static void Head(StringBuilder text, string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static string Label(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
