using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Routing;
using static Portcullis.Gateway.Tests.Routing.Routes;

namespace Portcullis.Gateway.Tests.Routing;

/// <summary>The tree against the order as the documentation states it, applied to every route in turn.</summary>
public sealed class RouteTableReferenceTests
{
    private static readonly string[] Literals = ["a", "b", "c"];
    private static readonly string[] Hosts = ["", "", "x.example", "*.example", "y.x.example", "*.x.example"];
    private static readonly string[] RequestHosts = ["", "x.example", "y.x.example", "z.x.example", "example", "other"];
    private static readonly string[] Methods = ["", "", "GET", "POST", "GET POST"];
    private static readonly string[] RequestMethods = ["GET", "POST", "PUT"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_tree_finds_what_trying_every_route_finds(int seed)
    {
        var random = new Random(seed);
        var found = 0;
        for (var round = 0; round < 60; round++)
        {
            var routes = RandomRoutes(random);
            var table = RouteTable<string>.Build(routes, out var errors);
            Assert.True(table is not null, string.Join('\n', errors.Select(error => error.Text)));
            for (var request = 0; request < 60; request++)
            {
                var path = RandomPath(random);
                var host = Pick(random, RequestHosts);
                var method = Pick(random, RequestMethods);
                var headers = new HeaderDictionary();
                if (random.Next(2) == 0)
                    headers["X-A"] = random.Next(2) == 0 ? "1" : "2";

                var expected = Reference(routes, path, host, method, headers);
                var actual = table.Find(path, host, method, headers: headers);

                Assert.Equal(expected, actual.Kind == RouteResultKind.MethodNotAllowed ? "another method" : actual.Value);
                found += actual.Kind == RouteResultKind.Found ? 1 : 0;
            }
        }

        Assert.True(found > 500);
    }

    private static List<RouteEntry<string>> RandomRoutes(Random random)
    {
        var routes = new List<RouteEntry<string>>();
        for (var i = 0; i < 25; i++)
        {
            var headers = random.Next(4) switch
            {
                0 => new[] { Header("X-A", FieldConditionKind.Exact, "1") },
                1 => [Header("X-A", FieldConditionKind.Present)],
                _ => [],
            };
            var route = Route(RandomPattern(random), "r" + i, Pick(random, Hosts), Pick(random, Methods), headers);

            // Ambiguous pairs are refused when the table is built (tested elsewhere): leave them out.
            if (RouteTable<string>.Build([.. routes, route], out _) is not null)
                routes.Add(route);
        }

        return routes;
    }

    private static string RandomPattern(Random random)
    {
        var count = random.Next(5);
        var pattern = "";
        for (var i = 0; i < count; i++)
        {
            if (i == count - 1 && random.Next(4) == 0)
                return pattern + "/{**rest}";
            pattern += random.Next(3) == 0 ? $"/{{v{i}}}" : "/" + Pick(random, Literals);
        }

        return pattern.Length == 0 ? "/" : pattern;
    }

    private static string RandomPath(Random random)
    {
        var path = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "/" + (random.Next(5) == 0 ? "z" : Pick(random, Literals))));
        return path.Length == 0 || random.Next(5) == 0 ? path + "/" : path;
    }

    private static string? Reference(List<RouteEntry<string>> routes, string path, string host, string method, HeaderDictionary headers)
    {
        var fitting = new List<RouteEntry<string>>();
        foreach (var route in routes)
        {
            var match = route.Match;
            if (match.Path.IsMatch(path)
                && (match.Hosts.Count == 0 || match.Hosts.Any(one => one.IsMatch(host)))
                && match.Headers.All(one => one.Holds(headers[one.Name].Count, headers[one.Name].ToString())))
                fitting.Add(route);
        }

        var best = fitting.Where(route => route.Match.Methods.Count == 0 || route.Match.Methods.Contains(method)).OrderBy(SortKey, StringComparer.Ordinal).FirstOrDefault();
        if (best is not null || fitting.Count == 0)
            return best?.Value;
        return "another method";

        static string SortKey(RouteEntry<string> route)
        {
            var match = route.Match;
            var host = match.Hosts.Count == 0 ? "z" : match.Hosts[0].IsWildcard ? $"y{999 - match.Hosts[0].Name.Length}" : "x";
            var path = string.Concat(match.Path.Segments.Select(segment => (int)segment.Kind + 1));

            // The end of a pattern comes before its {**rest}, which may be empty.
            return $"{host} {path}0 {(match.Methods.Count == 0 ? 1 : 0)} {99 - match.Headers.Count}";
        }
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
