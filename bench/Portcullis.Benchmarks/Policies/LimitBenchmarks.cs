using System.Net;
using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Benchmarks.Policies;

/// <summary>Time of one check of a limit, clock and hash included, with keys drawn at random: large tables miss the caches.</summary>
[MemoryDiagnoser]
public class LimitBenchmarks
{
    private const int Draws = 1 << 16;

    private readonly LimitStore _store = new(TimeProvider.System);
    private readonly LimitRate _rate = new(Interval: 10_000_000, Burst: 100);
    private LimitScope _scope = null!;
    private IPAddress[] _addresses = [];
    private int _next;

    /// <summary>Keys in the table.</summary>
    [Params(1, 1000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _scope = _store.Scope("bench");
        var random = new Random(1);
        for (var i = 0; i < Keys; i++) _store.Take(_scope, _scope.KeyOf(new IPAddress((long)i << 8)), _rate, _store.Clock.GetTimestamp());
        _addresses = [.. Enumerable.Range(0, Draws).Select(_ => new IPAddress((long)random.Next(Keys) << 8))];
    }

    [Benchmark]
    public int ByAddress()
    {
        var address = _addresses[_next++ & (Draws - 1)];
        return _store.Take(_scope, _scope.KeyOf(address), _rate, _store.Clock.GetTimestamp()).Remaining;
    }

    [Benchmark]
    public int ByCaller() => _store.Take(_scope, _scope.KeyOf("client-app\nsubject-0123456789"), _rate, _store.Clock.GetTimestamp()).Remaining;
}
