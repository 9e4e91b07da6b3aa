using OpenTelemetry.Trace;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Samples a share of the requests by a draw of its own. The trace id, by which samplers usually draw, is the client's to choose.
/// </summary>
/// <param name="ratio">The share, 0 to 1.</param>
internal sealed class DrawnSampler(double ratio) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
        => new(Random.Shared.NextDouble() < ratio ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
