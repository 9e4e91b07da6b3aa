namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Changes that let nobody do more, whatever the values: speed, patience and who shares the load.</summary>
internal static class HarmlessChanges
{
    private static readonly SecurityRule[] Places =
    [
        .. new[]
        {
            "shutdownTimeout", "telemetry.logLevel", "telemetry.otlp.sampleRatio", "telemetry.otlp.metricsInterval",
            "identity.accessToken.algorithm",

            // Nothing reaches a cluster but by a route, whose own change says so.
            "clusters.*", "clusters.*.balance", "clusters.*.hash.*", "clusters.*.affinity", "clusters.*.affinity.*", "clusters.*.health.*",
            "clusters.*.timeout", "clusters.*.tryTimeout", "clusters.*.idleTimeout", "clusters.*.circuitBreaker.*", "clusters.*.protocol",
            "clusters.*.connections.connectTimeout", "clusters.*.connections.idleTimeout", "clusters.*.connections.lifetime", "clusters.*.destinations.*.weight",
            "routes.*.timeout", "routes.*.split.*.weight", "routes.*.redirect.port", "routes.*.redirect.status",
            "routes.*.policies.rateLimit.headers", "routes.*.policies.rateLimit.limits.*.name", "routes.*.policies.cors.maxAge",
        }.Select(pattern => new SecurityRule(pattern, _ => null)),
    ];

    /// <summary>Whether the change is among them. No list means more or less in another order.</summary>
    public static bool Contain(TreeChange change)
        => change is { Old: OptionList, New: OptionList } || Array.Exists(Places, place => place.Covers(change));
}
