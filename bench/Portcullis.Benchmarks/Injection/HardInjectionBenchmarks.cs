using BenchmarkDotNet.Attributes;
using Portcullis.Waf.Injection;

namespace Portcullis.Benchmarks.Injection;

/// <summary>Time for a byte of a value of one megabyte that is made to take long.</summary>
public class HardInjectionBenchmarks
{
    private readonly byte[] fingerprint = new byte[SqlInjection.MaximumFingerprintLength];
    private byte[] value = [];

    public static IEnumerable<string> Names => InjectionSamples.Hard.Keys;

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Setup() => value = InjectionSamples.Hard[Name];

    [Benchmark(OperationsPerInvoke = InjectionSamples.HardLength)]
    public bool Sql() => SqlInjection.IsInjection(value, fingerprint, out _);

    [Benchmark(OperationsPerInvoke = InjectionSamples.HardLength)]
    public bool Script() => CrossSiteScripting.IsInjection(value);
}
