using BenchmarkDotNet.Attributes;

namespace Portcullis.Benchmarks.Waf;

/// <summary>
/// Whole requests through the engine alone, paranoia level 1, blocking. The rules: <c>builtin</c>, <c>crs3</c> (Debian's package modsecurity-crs), <c>crs4</c> (the
/// folder that the environment variable CRS4 names).
/// </summary>
[MemoryDiagnoser]
public class WafEngineBenchmarks
{
    private WafEngineSamples samples = null!;

    [Params("builtin", "crs3", "crs4")]
    public string Rules { get; set; } = "builtin";

    [GlobalSetup]
    public void Load() => samples = (Rules switch { "crs3" => WafEngineSamples.Crs3(), "crs4" => WafEngineSamples.Crs4(), _ => WafEngineSamples.Builtin() })
        ?? throw new InvalidOperationException($"The rules {Rules} are not on this machine.");

    [Benchmark]
    public void Get() => samples.Get();

    [Benchmark]
    public void PostJson() => samples.PostJson();

    [Benchmark]
    public void PostForm() => samples.PostForm();

    [Benchmark]
    public void PostFile() => samples.PostFile();

    [Benchmark]
    public void GetAttack() => samples.GetAttack();
}
