using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Routing;
using static Portcullis.Gateway.Tests.Routing.Routes;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class FieldConditionTests
{
    [Theory]
    [InlineData(nameof(FieldConditionKind.Exact), "v1", "v1", true)]
    [InlineData(nameof(FieldConditionKind.Exact), "v1", "V1", false)]
    [InlineData(nameof(FieldConditionKind.Exact), "v1", "v1, v1", false)]
    [InlineData(nameof(FieldConditionKind.Exact), "", "", true)]
    [InlineData(nameof(FieldConditionKind.Prefix), "Bearer ", "Bearer x", true)]
    [InlineData(nameof(FieldConditionKind.Prefix), "Bearer ", "Basic x", false)]
    [InlineData(nameof(FieldConditionKind.Regex), "v[0-9]+", "v12", true)]
    [InlineData(nameof(FieldConditionKind.Regex), "v[0-9]+", "xv12", false)]
    [InlineData(nameof(FieldConditionKind.Regex), "v[0-9]+", "v12\n", false)]
    [InlineData(nameof(FieldConditionKind.Regex), "a|b", "ab", false)]
    [InlineData(nameof(FieldConditionKind.Present), "", "", true)]
    [InlineData(nameof(FieldConditionKind.Absent), "", "x", false)]
    public void A_header_condition_compares_the_whole_value_with_case(string kind, string value, string sent, bool expected)
    {
        var table = Table(Route("/a", headers: [Header("X-Version", Enum.Parse<FieldConditionKind>(kind), value)]));

        Assert.Equal(expected, table.Find("/a", headers: new() { ["x-version"] = sent }).Kind == RouteResultKind.Found);
    }

    [Fact]
    public void A_field_sent_twice_satisfies_no_condition_on_its_value()
    {
        var twice = new HeaderDictionary { ["X"] = new(["a", "a"]) };

        Assert.Equal(RouteResultKind.NotFound, Table(Route("/a", headers: [Header("X", FieldConditionKind.Exact, "a")])).Find("/a", headers: twice).Kind);
        Assert.Equal(RouteResultKind.NotFound, Table(Route("/a", headers: [Header("X", FieldConditionKind.Absent)])).Find("/a", headers: twice).Kind);
        Assert.Equal(RouteResultKind.Found, Table(Route("/a", headers: [Header("X", FieldConditionKind.Present)])).Find("/a", headers: twice).Kind);
        Assert.Equal(RouteResultKind.NotFound, Table(Route("/a", query: [Query("x", FieldConditionKind.Exact, "a")])).Find("/a", query: "x=a&x=b").Kind);
        Assert.Equal(RouteResultKind.Found, Table(Route("/a", query: [Query("x", FieldConditionKind.Present)])).Find("/a", query: "x=a&x=b").Kind);
    }

    [Theory]
    [InlineData("v=1", true)]
    [InlineData("a=b&v=1&c", true)]
    [InlineData("%76=%31", true)]
    [InlineData("&&v=1", true)]
    [InlineData("V=1", false)]
    [InlineData("v=1;", false)]
    [InlineData("v=01", false)]
    [InlineData("v", false)]
    [InlineData("w=v=1", false)]
    [InlineData("v=1%00", false)]
    [InlineData("vv=1", false)]
    [InlineData("", false)]
    public void A_query_condition_compares_decoded_names_and_values(string query, bool expected) =>
        Assert.Equal(expected, Table(Route("/a", query: [Query("v", FieldConditionKind.Exact, "1")])).Find("/a", query: query).Kind == RouteResultKind.Found);

    [Theory]
    [InlineData("näme", "a b+é", "n%C3%A4me=a+b%2b%c3%a9", true)]
    [InlineData("näme", "a b+é", "n%C3%A4me=a%20b%2B%C3%A9", true)]
    [InlineData("name", "%zz", "name=%zz", true)]
    [InlineData("name", "%4", "name=%4", true)]
    public void A_query_condition_is_written_as_text(string name, string value, string query, bool expected) =>
        Assert.Equal(expected, Table(Route("/a", query: [Query(name, FieldConditionKind.Exact, value)])).Find("/a", query: query).Kind == RouteResultKind.Found);

    [Fact]
    public void A_long_encoded_value_is_compared() =>
        Assert.Equal(RouteResultKind.Found, Table(Route("/a", query: [Query("q", FieldConditionKind.Regex, "a*")])).Find("/a", query: "q=" + string.Concat(Enumerable.Repeat("%61", 5000))).Kind);

    [Fact]
    public void An_expression_takes_time_linear_in_the_value()
    {
        var table = Table(Route("/a", headers: [Header("X", FieldConditionKind.Regex, "(a+)+(a+)+b")]));

        // A backtracking engine would not come back from this in a lifetime.
        Assert.Equal(RouteResultKind.NotFound, table.Find("/a", headers: new() { ["X"] = new string('a', 8000) }).Kind);
    }

    [Theory]
    [InlineData("", nameof(FieldConditionKind.Present), "", "header name")]
    [InlineData("X Y", nameof(FieldConditionKind.Present), "", "header name")]
    [InlineData("X:", nameof(FieldConditionKind.Present), "", "header name")]
    [InlineData("X", nameof(FieldConditionKind.Present), "a", "takes no value")]
    [InlineData("X", nameof(FieldConditionKind.Absent), "a", "takes no value")]
    [InlineData("X", nameof(FieldConditionKind.Prefix), "", "prefix")]
    [InlineData("X", nameof(FieldConditionKind.Regex), "(", "can't be used")]
    [InlineData("X", nameof(FieldConditionKind.Regex), "a)|(?:b", "can't be used")]
    [InlineData("X", nameof(FieldConditionKind.Regex), "(?=a)", "can't be used")]
    [InlineData("X", nameof(FieldConditionKind.Regex), @"(?<a>.)\k<a>", "can't be used")]
    [InlineData("X", "99", "", "no kind")]
    public void A_bad_condition_is_explained(string name, string kind, string value, string expected)
    {
        Assert.False(FieldCondition.TryCreateHeader(name, Enum.Parse<FieldConditionKind>(kind), value, out _, out var error));
        Assert.Contains(expected, error.Text, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public void Names_and_values_have_a_length()
    {
        Assert.False(FieldCondition.TryCreateHeader("X", FieldConditionKind.Exact, new string('a', 1025), out _, out _));
        Assert.False(FieldCondition.TryCreateQuery(new string('a', 1025), FieldConditionKind.Present, "", out _, out _));
        Assert.False(FieldCondition.TryCreateQuery("q", FieldConditionKind.Regex, "é", out _, out _));
        Assert.False(FieldCondition.TryCreateHeader("X", FieldConditionKind.Regex, "((a{1000}){1000}){1000}", out _, out _));
        Assert.False(FieldCondition.TryCreateQuery("", FieldConditionKind.Present, "", out _, out _));
    }
}
