namespace Portcullis.Gateway.Telemetry;

/// <summary>One value of a metric at one moment.</summary>
/// <param name="Value">The value.</param>
/// <param name="Labels">Names from the configuration and fixed words only, never anything that a client chose.</param>
internal readonly record struct MetricSample(double Value, params KeyValuePair<string, object?>[] Labels)
{
    /// <summary>What follows the family's name: empty, or a part of a histogram.</summary>
    public string Suffix { get; init; } = string.Empty;
}
