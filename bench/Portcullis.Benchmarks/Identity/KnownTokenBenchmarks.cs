using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Benchmarks.Identity;

/// <summary>Time to admit a token that is known by its digest, revocation included: at most 1 µs, of which SHA-256 takes nearly all.</summary>
[MemoryDiagnoser]
public class KnownTokenBenchmarks
{
    private readonly RevocationMarks marks = new(1, 2, 3, 4, 5, long.MaxValue);
    private KnownToken token = null!;

    /// <summary>Revocations of other tokens.</summary>
    [Params(0, 100_000)]
    public int Revoked { get; set; }

    [GlobalSetup]
    public void Setup() => token = new KnownToken(Revoked);

    [Benchmark]
    public void Admit() => token.Admit();

    /// <summary>The same on a connection whose last request had it, too.</summary>
    [Benchmark]
    public void AdmitAgain() => token.AdmitAgain();

    /// <summary>The part of it that is SHA-256.</summary>
    [Benchmark(Baseline = true)]
    public bool Digest() => token.Digest();

    /// <summary>What a token costs more, once, after something was revoked.</summary>
    [Benchmark]
    public bool LookUp() => token.List.Contains(marks);
}
