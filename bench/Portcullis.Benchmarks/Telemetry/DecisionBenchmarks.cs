using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Benchmarks.Telemetry;

/// <summary>Time to format one line of the decision log.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    [Benchmark]
    public int Line() => DecisionLine.Format(DecisionSamples.Forwarded, masksAddresses: false).Length;
}
