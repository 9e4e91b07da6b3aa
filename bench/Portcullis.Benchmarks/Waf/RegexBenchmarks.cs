using BenchmarkDotNet.Attributes;

namespace Portcullis.Benchmarks.Waf;

/// <summary>Times of patterns and of their prefilter over values of 1 to 110 bytes.</summary>
[MemoryDiagnoser]
public class RegexBenchmarks
{
    private readonly RegexSamples samples = new();

    /// <summary>12 patterns on 7 values.</summary>
    [Benchmark]
    public int MatchBenign() => samples.MatchBenign();

    /// <summary>12 patterns on one value.</summary>
    [Benchmark]
    public int MatchAttack() => samples.MatchAttack();

    [Benchmark]
    public bool Capture() => samples.Capture();

    /// <summary>7 values.</summary>
    [Benchmark]
    public void Scan() => samples.Scan();

    /// <summary>7 values.</summary>
    [Benchmark]
    public void Filter() => samples.Filter();
}
