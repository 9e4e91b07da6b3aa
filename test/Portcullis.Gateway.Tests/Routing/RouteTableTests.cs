using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;
using static Portcullis.Gateway.Tests.Routing.Routes;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class RouteTableTests
{
    [Fact]
    public void Nothing_matches_by_default()
    {
        Assert.Equal(RouteResultKind.NotFound, Table().Find("/").Kind);
        Assert.Equal(RouteResultKind.NotFound, Table(Route("/a")).Find("/b").Kind);
        Assert.Equal(RouteResultKind.NotFound, Table(Route("/{**rest}")).Find("*", method: "OPTIONS").Kind);
        Assert.Equal(RouteResultKind.NotFound, default(RouteResult<string>).Kind);
    }

    [Theory]
    [InlineData("api.example.com", "exact")]
    [InlineData("x.eu.example.com", "eu")]
    [InlineData("eu.example.com", "wide")]
    [InlineData("a.b.c.example.com", "wide")]
    [InlineData("example.com", "any")]
    [InlineData("notexample.com", "any")]
    [InlineData("", "any")]
    public void An_exact_host_comes_before_a_longer_wildcard_before_a_shorter_before_any(string host, string expected)
    {
        var table = Table(
            Route("/{**rest}", "any"),
            Route("/{**rest}", "wide", hosts: "*.example.com"),
            Route("/{**rest}", "eu", hosts: "*.eu.example.com"),
            Route("/{**rest}", "exact", hosts: "api.example.com"));

        Assert.Equal(expected, table.Find("/a", host).Value);
    }

    [Fact]
    public void A_host_without_a_matching_path_leaves_it_to_the_less_specific()
    {
        var table = Table(Route("/a", hosts: "api.example.com"), Route("/b", hosts: "*.example.com"), Route("/c"));

        Assert.Equal("/a", table.Find("/a", "api.example.com").Value);
        Assert.Equal("/b", table.Find("/b", "api.example.com").Value);
        Assert.Equal("/c", table.Find("/c", "api.example.com").Value);
        Assert.Equal(RouteResultKind.NotFound, table.Find("/a", "other.example.com").Kind);
    }

    [Theory]
    [InlineData("/a/b/c", "/a/b/c")]
    [InlineData("/a/b/x", "/a/b/{z}")]
    [InlineData("/a/x/c", "/a/{y}/c")]
    [InlineData("/a/x/y", "/a/{**rest}")]
    [InlineData("/a/b", "/a/{**rest}")]
    [InlineData("/a", "/a")]
    [InlineData("/x/b/c", "/{x}/b/c")]
    [InlineData("/x/b", "/{**all}")]
    [InlineData("/", "/{**all}")]
    [InlineData("/a/b/c/d", "/a/{**rest}")]
    public void A_literal_comes_before_a_variable_before_the_rest_segment_by_segment(string path, string expected)
    {
        var table = Table(
            Route("/{**all}"), Route("/{x}/b/c"), Route("/a/{**rest}"), Route("/a"), Route("/a/{y}/c"), Route("/a/b/{z}"), Route("/a/b/c"));

        var found = table.Find(path);
        Assert.Equal(expected, found.Value);
        Assert.Equal(expected, found.Pattern!.Text);
    }

    [Fact]
    public void The_host_decides_before_the_path() =>
        Assert.Equal("host", Table(Route("/a/b"), Route("/{**rest}", "host", hosts: "example.com")).Find("/a/b", "example.com").Value);

    [Fact]
    public void Named_methods_come_before_any_and_more_conditions_before_fewer()
    {
        var table = Table(
            Route("/a", "any"),
            Route("/a", "get", methods: "GET"),
            Route("/a", "one", methods: "GET", headers: [Header("X-A", FieldConditionKind.Present)]),
            Route("/a", "two", methods: "GET", headers: [Header("X-A", FieldConditionKind.Present), Header("X-B", FieldConditionKind.Present)]),
            Route("/a", "query", methods: "GET", headers: [Header("X-A", FieldConditionKind.Present)], query: [Query("q", FieldConditionKind.Present)]));

        Assert.Equal("any", table.Find("/a", method: "PUT").Value);
        Assert.Equal("get", table.Find("/a").Value);
        Assert.Equal("one", table.Find("/a", headers: new() { ["x-a"] = "1" }).Value);
        Assert.Equal("query", table.Find("/a", query: "q", headers: new() { ["x-a"] = "1" }).Value);
        Assert.Equal("two", table.Find("/a", query: "q", headers: new() { ["x-a"] = "1", ["x-b"] = "1" }).Value);
    }

    [Fact]
    public void A_path_whose_method_does_not_fit_leaves_it_to_the_less_specific()
    {
        var table = Table(Route("/a/b", methods: "POST"), Route("/a/{x}"));

        Assert.Equal("/a/{x}", table.Find("/a/b").Value);
        Assert.Equal("/a/b", table.Find("/a/b", method: "POST").Value);
    }

    [Fact]
    public void Where_only_the_method_does_not_fit_that_is_told_apart()
    {
        var table = Table(Route("/a/b", methods: "POST PUT"), Route("/a/{x}", methods: "GET POST"), Route("/b", methods: "PATCH"));

        var found = table.Find("/a/b", method: "DELETE");

        Assert.Equal(RouteResultKind.MethodNotAllowed, found.Kind);
        Assert.Null(found.Value);
        Assert.Equal(RouteResultKind.MethodNotAllowed, table.Find("/b", method: "patch").Kind);
        Assert.Equal(RouteResultKind.MethodNotAllowed, Table(Route("/a", methods: "GET")).Find("/a", method: "HEAD").Kind);
        Assert.Equal(RouteResultKind.NotFound, table.Find("/c").Kind);
    }

    [Fact]
    public void A_route_whose_conditions_fail_allows_no_method()
    {
        var table = Table(Route("/a", methods: "POST", headers: [Header("X-A", FieldConditionKind.Present)]));

        Assert.Equal(RouteResultKind.NotFound, table.Find("/a").Kind);
    }

    [Theory]
    [InlineData("/admin;x=1/users")]
    [InlineData("/admin;/users")]
    [InlineData("/;a/admin/users")]
    [InlineData("/admin%3Bx/users")]
    [InlineData("/v1/items%3Aclear")]
    [InlineData("/v1/items%3aclear;x")]
    [InlineData("/admin%2Fusers")]
    [InlineData("/%2Fadmin/users")]
    [InlineData("/%2fadmin%2f")]
    [InlineData("/v1%2Fitems:clear")]
    public void A_path_that_an_upstream_may_read_as_one_of_another_route_is_ambiguous(string raw)
    {
        var table = Table(Route("/admin/{**rest}"), Route("/v1/items:clear"), Route("/{**rest}"));
        Assert.True(TargetNormaliser.TryNormalise(raw, "GET", default, TargetSource.RequestLine, new TargetOptions { EncodedSlashes = EncodedSlashes.Keep }, out var target, out _));

        Assert.Equal(RouteResultKind.Ambiguous, table.Find(default, target, "GET", default(NoFields)).Kind);
    }

    [Theory]
    [InlineData("/users/a%40b.example", "/users/{id}")]
    [InlineData("/users/7;v=2", "/users/{id}")]
    [InlineData("/users/caf%C3%A9%20x", "/users/{id}")]
    [InlineData("/other;a=b/c%2Cd", "/{**rest}")]
    [InlineData("/100%25", "/{**rest}")]
    [InlineData("/files/a%2Fb", "/files/{**rest}")]
    [InlineData("/x%2Fy", "/{**rest}")]
    public void A_path_whose_readings_belong_to_one_route_is_found(string path, string expected) =>
        Assert.Equal(expected, Table(Route("/users/{id}"), Route("/files/{**rest}"), Route("/{**rest}")).Find(path).Value);

    [Fact]
    public void A_long_path_with_parameters_is_read_both_ways()
    {
        var table = Table(Route("/a/{**rest}"), Route("/{**rest}"));
        var tail = string.Concat(Enumerable.Repeat("/b;c", 1000));

        Assert.Equal("/a/{**rest}", table.Find("/a" + tail).Value);
        Assert.Equal(RouteResultKind.Ambiguous, table.Find("/a;x" + tail).Kind);
    }

    [Fact]
    public void Equal_routes_are_ambiguous()
    {
        Ambiguous(Route("/a", "one"), Route("/a", "two"));
        Ambiguous(Route("/a/{x}", "one"), Route("/a/{y}", "two"));
        Ambiguous(Route("/{**x}", "one"), Route("/{**y}", "two"));
        Ambiguous(Route("/a", "one", methods: "GET POST"), Route("/a", "two", methods: "POST PUT"));
        Ambiguous(Route("/a", "one", hosts: "a.example b.example"), Route("/a", "two", hosts: "b.example c.example"));
        Ambiguous(Route("/a", "one", headers: [Header("X", FieldConditionKind.Present)]), Route("/a", "two", headers: [Header("Y", FieldConditionKind.Present)]));
        Ambiguous(Route("/a", "one", headers: [Header("X", FieldConditionKind.Regex, "a+")]), Route("/a", "two", headers: [Header("x", FieldConditionKind.Prefix, "b")]));
        Ambiguous(Route("/a", "one", query: [Query("x", FieldConditionKind.Exact, "1")]), Route("/a", "two", query: [Query("X", FieldConditionKind.Exact, "2")]));
    }

    [Fact]
    public void Routes_that_exclude_each_other_are_not_ambiguous()
    {
        Table(Route("/a", "one", methods: "GET"), Route("/a", "two", methods: "POST"), Route("/a", "three"));
        Table(Route("/a", "one", hosts: "a.example"), Route("/a", "two", hosts: "b.example"));
        Table(Route("/a", "one", headers: [Header("X", FieldConditionKind.Exact, "1")]), Route("/a", "two", headers: [Header("x", FieldConditionKind.Exact, "2")]));
        Table(Route("/a", "one", headers: [Header("X", FieldConditionKind.Present)]), Route("/a", "two", headers: [Header("X", FieldConditionKind.Absent)]));
        Table(Route("/a", "one", headers: [Header("X", FieldConditionKind.Prefix, "a")]), Route("/a", "two", headers: [Header("X", FieldConditionKind.Prefix, "b")]));
        Table(Route("/a", "one", query: [Query("x", FieldConditionKind.Exact, "1")]), Route("/a", "two", query: [Query("x", FieldConditionKind.Regex, "[2-9]")]));
    }

    [Fact]
    public void All_errors_of_a_table_are_reported_once_each()
    {
        var table = RouteTable<string>.Build(
            [
                Route("/a", "one", hosts: "a.example b.example"), Route("/a", "two", hosts: "a.example b.example"),
                Route("/b", "three", methods: "G(T"), Route("/c", "four", methods: "CONNECT"),
                Route("/d", "five", headers: [.. Enumerable.Range(0, 17).Select(i => Header("X-" + i, FieldConditionKind.Present))]),
            ], out var errors);

        Assert.Null(table);
        Assert.Equal(["three", "four", "five", "one"], errors.Select(error => error.Route));
        Assert.Equal("two", errors[^1].Other);
        Assert.All(errors, error => Assert.NotEmpty(error.Hint));
    }

    [Fact]
    public void Too_many_methods_are_an_error()
    {
        Table([.. Enumerable.Range(0, 63).Select(i => Route("/a", "r" + i, methods: "M" + i))]);
        Assert.Null(RouteTable<string>.Build(Enumerable.Range(0, 64).Select(i => Route("/a", "r" + i, methods: "M" + i)), out var errors));
        Assert.Contains("63", Assert.Single(errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_no_route_names_reaches_only_routes_for_any()
    {
        var table = Table([.. Enumerable.Range(0, 63).Select(i => Route("/a", "r" + i, methods: "M" + i)), Route("/b")]);

        Assert.Equal("r62", table.Find("/a", method: "M62").Value);
        Assert.Equal(RouteResultKind.MethodNotAllowed, table.Find("/a", method: "BREW").Kind);
        Assert.Equal("/b", table.Find("/b", method: "BREW").Value);
    }

    [Fact]
    public void A_host_named_twice_is_one()
    {
        Assert.Equal("/a", Table(Route("/a", hosts: "a.example A.example.")).Find("/a", "a.example").Value);
    }

    [Fact]
    public void Nothing_is_allocated_by_a_lookup()
    {
        var table = Table(
            Route("/a/{x}/{**rest}", hosts: "*.example.com", methods: "GET",
                headers: [Header("X-A", FieldConditionKind.Prefix, "v")], query: [Query("q", FieldConditionKind.Regex, "a+ b")]),
            Route("/a/b/c"));
        var headers = new HeaderFields(new HeaderDictionary { ["X-A"] = "v1" });
        var found = false;

        Assert.Equal(0, AllocatedBytes.PerOperation(() => found = table.Find("api.example.com", "/a/b%40;x/c/d", "GET", "p=1&q=aa%61+b", headers).Kind == RouteResultKind.Found));
        Assert.True(found);
    }

    private static void Ambiguous(RouteEntry<string> left, RouteEntry<string> right)
    {
        Assert.Null(RouteTable<string>.Build([left, right], out var errors));
        var error = Assert.Single(errors);
        Assert.Contains("ambiguous", error.Text, StringComparison.Ordinal);
        Assert.Equal(("one", "two"), (error.Route, error.Other));
        Assert.NotEmpty(error.Hint);
    }
}
