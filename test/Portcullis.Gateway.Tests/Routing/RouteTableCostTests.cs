using Portcullis.Gateway.Routing;
using static Portcullis.Gateway.Tests.Routing.Routes;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class RouteTableCostTests
{
    [Fact]
    public void Routes_that_nest_every_combination_are_refused()
    {
        // 2^10 patterns of a or {x} at ten levels: a path of ten a's would walk through all of their nodes.
        Assert.Null(RouteTable<string>.Build(Combinations(10), out var errors));
        Assert.Contains("any host", Assert.Single(errors).Text, StringComparison.Ordinal);
        Assert.NotEmpty(errors[0].Hint);
    }

    [Fact]
    public void The_steps_of_the_worst_path_stay_within_the_limit()
    {
        var table = RouteTable<string>.Build(Combinations(8), out var errors);
        Assert.True(table is not null, errors.IsEmpty ? "" : errors[0].Text);

        var search = new RouteSearch<string, NoFields>(1, "", default);
        Assert.Null(table.Search("", "/a/a/a/a/a/a/a/a/q", ref search));

        Assert.InRange(search.Steps, 256, RouteTable<string>.MaximumCost);
    }

    [Fact]
    public void Too_many_routes_on_one_path_are_refused()
    {
        var routes = Enumerable.Range(0, 1100).Select(i => Route("/a", "r" + i, headers: [Header("X-Tenant", FieldConditionKind.Exact, "t" + i)]));

        Assert.Null(RouteTable<string>.Build(routes, out var errors));
        Assert.Single(errors);
    }

    [Fact]
    public void A_condition_counts_for_what_it_costs()
    {
        var byHeader = Table([.. Enumerable.Range(0, 500).Select(i => Route("/a", "r" + i, headers: [Header("X-Tenant", FieldConditionKind.Exact, "t" + i)]))]);

        var search = new RouteSearch<string, NoFields>(1, "", default);
        Assert.Null(byHeader.Search("", "/a", ref search));

        Assert.Equal(2 + (2 * 500), search.Steps);
        Assert.Null(RouteTable<string>.Build(Enumerable.Range(0, 500).Select(i => Route("/a", "r" + i, query: [Query("tenant", FieldConditionKind.Exact, "t" + i)])), out _));
    }

    [Fact]
    public void A_lookup_among_ten_thousand_routes_takes_no_more_steps_than_among_ten()
    {
        var few = Table([.. Services(10)]);
        var many = Table([.. Services(10_000)]);

        Assert.Equal("service-7-item", many.Find("/service-7/items/3").Value);
        Assert.Equal("service-9999-rest", many.Find("/service-9999/other/3").Value);
        Assert.Equal(RouteResultKind.NotFound, many.Find("/service-10000/items/3").Kind);
        Assert.Equal(Steps(few), Steps(many));

        static int Steps(RouteTable<string> table)
        {
            var search = new RouteSearch<string, NoFields>(1, "", default);
            Assert.NotNull(table.Search("", "/service-7/items/3", ref search));
            return search.Steps;
        }
    }

    [Fact]
    public void A_path_of_thousands_of_segments_ends_where_the_patterns_do()
    {
        var table = Table(Route("/{a}/{b}"), Route("/x/{**rest}"));
        var search = new RouteSearch<string, NoFields>(1, "", default);

        Assert.Null(table.Search("", string.Concat(Enumerable.Repeat("/a", 4000)), ref search));
        Assert.InRange(search.Steps, 1, 10);
    }

    [Fact]
    public void A_host_of_many_labels_is_looked_up_once_per_label_at_most()
    {
        var table = Table(Route("/", hosts: "*.example.com"), Route("/x", hosts: "*.b.example.com"));

        Assert.Equal("/", table.Find("/", string.Concat(Enumerable.Repeat("a.", 120)) + "example.com").Value);
    }

    private static IEnumerable<RouteEntry<string>> Services(int count)
    {
        for (var i = 0; i < count / 2; i++)
        {
            var service = i * 2 + 1;
            yield return Route($"/service-{service}/items/{{id}}", $"service-{service}-item");
            yield return Route($"/service-{service}/{{**rest}}", $"service-{service}-rest");
        }
    }

    private static IEnumerable<RouteEntry<string>> Combinations(int depth)
    {
        for (var bits = 0; bits < 1 << depth; bits++)
        {
            var segments = Enumerable.Range(0, depth).Select(i => (bits >> i & 1) == 0 ? "/a" : $"/{{x{i}}}");
            yield return Route(string.Concat(segments) + "/z");
        }
    }
}
