using System.Net;
using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Benchmarks.Policies;

/// <summary>Time of one check of a limit, clock and hash included, with keys drawn at random: large tables miss the caches.</summary>
[MemoryDiagnoser]
public class LimitBenchmarks
{
    private const int Draws = 1 << 16;

    private readonly LimitStore store = new(TimeProvider.System);
    private readonly LimitRate rate = new(Interval: 10_000_000, Burst: 100);
    private LimitScope scope = null!;
    private IPAddress[] addresses = [];
    private int next;

    /// <summary>Keys in the table.</summary>
    [Params(1, 1000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        scope = store.Scope("bench");
        var random = new Random(1);
        for (var i = 0; i < Keys; i++) store.Take(scope, scope.KeyOf(new IPAddress((long)i << 8)), rate, store.Clock.GetTimestamp());
        addresses = [.. Enumerable.Range(0, Draws).Select(_ => new IPAddress((long)random.Next(Keys) << 8))];
    }

    [Benchmark]
    public int ByAddress()
    {
        var address = addresses[next++ & (Draws - 1)];
        return store.Take(scope, scope.KeyOf(address), rate, store.Clock.GetTimestamp()).Remaining;
    }

    [Benchmark]
    public int ByCaller() => store.Take(scope, scope.KeyOf("client-app\nsubject-0123456789"), rate, store.Clock.GetTimestamp()).Remaining;
}
