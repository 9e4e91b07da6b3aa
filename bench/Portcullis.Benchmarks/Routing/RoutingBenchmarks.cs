using BenchmarkDotNet.Attributes;
using Portcullis.Gateway.Routing;

namespace Portcullis.Benchmarks.Routing;

/// <summary>Times of a lookup, which must not depend on the number of routes, and of normalising.</summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    private readonly HostName host = RoutingSamples.Host("api.example.com:8443");
    private readonly RequestTarget target = RoutingSamples.Target("/service-3/items/17/lines/4?expand=all");
    private readonly RequestTarget anyHostTarget = RoutingSamples.Target("/service-2/other");
    private RouteTable<string> table = RoutingSamples.Table(1);

    /// <summary>Routes in the table.</summary>
    [Params(20, 10_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Setup() => table = RoutingSamples.Table(Routes);

    [Benchmark]
    public bool FindExactHost() => table.Find(host, target, "GET", RoutingSamples.Headers).Kind == RouteResultKind.Found;

    [Benchmark]
    public bool FindThroughAllHosts() => table.Find(host, anyHostTarget, "GET", RoutingSamples.Headers).Kind == RouteResultKind.Found;

    [Benchmark]
    public int NormaliseNormal() => RoutingSamples.Target("/service-3/items/17/lines/4?expand=all").Value.Length;

    [Benchmark]
    public int NormaliseEscaped() => RoutingSamples.Target("/service-3/caf%C3%A9/17/lines/4?expand=all").Value.Length;

    [Benchmark]
    public int NormaliseHost() => RoutingSamples.Host("api.example.com:8443").Port;
}
