using BenchmarkDotNet.Attributes;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Injection;

namespace Portcullis.Benchmarks.Injection;

/// <summary>Times for one ordinary value, on the average, and for an attack.</summary>
[MemoryDiagnoser]
public class InjectionBenchmarks
{
    private readonly byte[] fingerprint = new byte[SqlInjection.MaximumFingerprintLength];
    private readonly ByteSet[] present = [.. InjectionSamples.Benign.Select(value => ByteSet.Of(value))];

    [Benchmark(OperationsPerInvoke = InjectionSamples.BenignCount)]
    public int SqlBenign()
    {
        var found = 0;
        foreach (var value in InjectionSamples.Benign)
            found += SqlInjection.IsInjection(value, fingerprint, out _) ? 1 : 0;
        return found;
    }

    /// <summary>With the question first whether the value could be one; its bytes are known.</summary>
    [Benchmark(OperationsPerInvoke = InjectionSamples.BenignCount)]
    public int SqlBenignChecked()
    {
        var found = 0;
        for (var i = 0; i < present.Length; i++)
        {
            var value = InjectionSamples.Benign[i];
            found += SqlInjection.CouldBe(present[i], value.Length) && SqlInjection.IsInjection(value, fingerprint, out _) ? 1 : 0;
        }

        return found;
    }

    [Benchmark]
    public bool SqlAttack() => SqlInjection.IsInjection(InjectionSamples.SqlAttack, fingerprint, out _);

    [Benchmark(OperationsPerInvoke = InjectionSamples.BenignCount)]
    public int ScriptBenign()
    {
        var found = 0;
        foreach (var value in InjectionSamples.Benign)
            found += CrossSiteScripting.IsInjection(value) ? 1 : 0;
        return found;
    }

    [Benchmark]
    public bool ScriptAttack() => CrossSiteScripting.IsInjection(InjectionSamples.ScriptAttack);
}
