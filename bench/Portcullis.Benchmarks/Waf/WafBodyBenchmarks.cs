using BenchmarkDotNet.Attributes;

namespace Portcullis.Benchmarks.Waf;

/// <summary>Times of body readers: a form, JSON and XML of 1 KB, a multipart body of 10 KB.</summary>
[MemoryDiagnoser]
public class WafBodyBenchmarks
{
    private readonly WafValueSamples samples = new();

    [Benchmark]
    public void Form() => samples.ReadForm();

    [Benchmark]
    public void Json() => samples.ReadJson();

    [Benchmark]
    public void Multipart() => samples.ReadMultipart();

    [Benchmark]
    public void Xml() => samples.ReadXml();
}
