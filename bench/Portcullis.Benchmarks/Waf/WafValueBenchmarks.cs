using BenchmarkDotNet.Attributes;
using Portcullis.Waf.Transformations;

namespace Portcullis.Benchmarks.Waf;

/// <summary>Times of transformations: of a value of 64 bytes in which there is nothing to do, and of one of 1 KB in which there is.</summary>
[MemoryDiagnoser]
public class WafValueBenchmarks
{
    private readonly WafValueSamples samples = new();
    private Transformation transformation = TransformationTable.Default.Find("lowercase")!;

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "lowercase";

    public static IEnumerable<string> Names => TransformationTable.Default.All.Select(static one => one.Name);

    [GlobalSetup]
    public void Choose() => transformation = TransformationTable.Default.Find(Name)!;

    [Benchmark]
    public bool NothingToDo() => samples.Apply(transformation, samples.Plain);

    [Benchmark]
    public bool Mixed() => samples.Apply(transformation, samples.Mixed);
}
