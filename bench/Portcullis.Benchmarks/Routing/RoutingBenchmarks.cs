using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Routing;

namespace Portcullis.Benchmarks.Routing;

/// <summary>Times of a lookup, which must not depend on the number of routes, and of normalising.</summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    private readonly HostName _host = RoutingSamples.Host("api.example.com:8443");
    private readonly RequestTarget _target = RoutingSamples.Target("/service-3/items/17/lines/4?expand=all");
    private readonly RequestTarget _anyHostTarget = RoutingSamples.Target("/service-2/other");
    private RouteTable<string> _table = RouteTable<string>.Empty;

    /// <summary>Routes in the table.</summary>
    [Params(20, 10_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Setup() => _table = RoutingSamples.Table(Routes);

    [Benchmark]
    public bool FindExactHost() => _table.Find(_host, _target, "GET", RoutingSamples.Headers).Kind == RouteResultKind.Found;

    [Benchmark]
    public bool FindThroughAllHosts() => _table.Find(_host, _anyHostTarget, "GET", RoutingSamples.Headers).Kind == RouteResultKind.Found;

    [Benchmark]
    public int NormaliseNormal() => RoutingSamples.Target("/service-3/items/17/lines/4?expand=all").Value.Length;

    [Benchmark]
    public int NormaliseEscaped() => RoutingSamples.Target("/service-3/caf%C3%A9/17/lines/4?expand=all").Value.Length;

    [Benchmark]
    public int NormaliseHost() => RoutingSamples.Host("api.example.com:8443").Port;
}
