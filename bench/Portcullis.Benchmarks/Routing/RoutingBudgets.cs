using Portcullis.Benchmarks.Budgets;
using Portcullis.Gateway.Routing;

namespace Portcullis.Benchmarks.Routing;

/// <summary>What routing may allocate: nothing, but for targets that have to be rewritten, which cost their new string.</summary>
internal static class RoutingBudgets
{
    /// <summary>A string of that many characters on the heap: header, length, two bytes each and a terminator, in steps of eight.</summary>
    private static long StringBytes(int length) => (22 + (2 * length) + 7) / 8 * 8;

    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var table = RoutingSamples.Table(10_000);
            var host = RoutingSamples.Host("api.example.com:8443");
            var target = RoutingSamples.Target("/service-3/items/17/lines/4?expand=all");
            var lookalike = RoutingSamples.Target("/service-3/items/17;v=2/lines/4%3A");
            var versioned = RoutingSamples.Target("/service-3/items");
            var missing = RoutingSamples.Target("/nowhere/items/17");
            var pattern = RoutingSamples.Pattern("/service-3/{**rest}");
            var rewrite = PathRewrite.TryTemplate("/v2/{rest}", pattern, out var parsed, out _) ? parsed : throw new InvalidOperationException("The template is fixed.");

            return
            [
                new("target: already normal", 0, () => RoutingSamples.Target("/service-3/items/17")),
                new("target: already normal, with a query", 0, () => RoutingSamples.Target("/service-3/items/17?expand=lines&q=%zz")),
                new("target: already normal, with escapes and dots", 0, () => RoutingSamples.Target("/.well-known/caf%C3%A9/a%20b")),
                new("target: an escape to decode", StringBytes("/service-3/items?q".Length), () => RoutingSamples.Target("/service-3/%69tems?q")),
                new("target: 2 KiB to rewrite", StringBytes(2048), () => RoutingSamples.Target(LongTarget)),
                new("target: refused", 0, () => Refused("/a/../b")),
                new("host: already normal", 0, () => RoutingSamples.Host("api.example.com")),
                new("host: already normal, with a port", 0, () => RoutingSamples.Host("api.example.com:8443")),
                new("route: found among 10,000", 0, () => Find(table, host, target, RouteResultKind.Found)),
                new("route: found with a header condition", 0, () => Find(table, host, versioned, RouteResultKind.Found)),
                new("route: found, path with two readings", 0, () => Find(table, host, lookalike, RouteResultKind.Found)),
                new("route: not found", 0, () => Find(table, host, missing, RouteResultKind.NotFound)),
                new("route: a variable's value", 0, () => pattern.TryGetValue(target.Path, "rest", out _)),
                new("rewrite: template", StringBytes("/v2/items/17/lines/4?expand=all".Length), () => rewrite.Apply(target)),
            ];
        }
    }

    private static readonly string LongTarget = "//" + new string('a', 2047);

    private static void Find(RouteTable<string> table, in HostName host, in RequestTarget target, RouteResultKind expected)
    {
        if (table.Find(host, target, "GET", RoutingSamples.Headers).Kind != expected)
            throw new InvalidOperationException($"{target.Value}: not {expected}.");
    }

    private static void Refused(string raw)
    {
        if (TargetNormaliser.TryNormalise(raw, "GET", default, TargetSource.RequestLine, TargetOptions.Default, out _, out _))
            throw new InvalidOperationException($"{raw} was accepted.");
    }
}
