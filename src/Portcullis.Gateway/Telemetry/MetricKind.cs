namespace Portcullis.Gateway.Telemetry;

/// <summary>How the values of a <see cref="MetricFamily"/> move.</summary>
internal enum MetricKind
{
    /// <summary>Up only, for as long as the process lives.</summary>
    Counter,

    /// <summary>Up and down.</summary>
    Gauge,

    /// <summary>Counters of three kinds: <c>_bucket</c> by upper bound <c>le</c>, each holding those before it, <c>_sum</c> and <c>_count</c>.</summary>
    Histogram,
}
