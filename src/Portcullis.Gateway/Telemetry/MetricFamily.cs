namespace Portcullis.Gateway.Telemetry;

/// <summary>A metric with all its series.</summary>
/// <param name="Name">Its name in Prometheus and OpenTelemetry alike.</param>
/// <param name="Kind">How its values move.</param>
/// <param name="Help">One sentence for people.</param>
/// <param name="Read">Its series as they are now.</param>
internal sealed record MetricFamily(string Name, MetricKind Kind, string Help, Func<DataPlaneHost, IEnumerable<MetricSample>> Read)
{
    /// <summary>
    /// Most series of each name that an OpenTelemetry export keeps; the SDK makes room for them at once, and counts what is beyond in one more
    /// with the attribute <c>otel.metric.overflow</c>. Prometheus gets all.
    /// </summary>
    public int MostSeries { get; init; } = 1000;

    public const string Bucket = "_bucket";
    public const string Sum = "_sum";
    public const string Count = "_count";
}
