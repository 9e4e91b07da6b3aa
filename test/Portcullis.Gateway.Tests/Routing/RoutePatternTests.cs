using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class RoutePatternTests
{
    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/orders", "/orders", true)]
    [InlineData("/orders", "/orders/", true)]
    [InlineData("/orders", "/Orders", false)]
    [InlineData("/orders", "/orders/1", false)]
    [InlineData("/orders", "/orders2", false)]
    [InlineData("/orders/{id}", "/orders/17", true)]
    [InlineData("/orders/{id}", "/orders/17/", true)]
    [InlineData("/orders/{id}", "/orders/", false)]
    [InlineData("/orders/{id}", "/orders", false)]
    [InlineData("/orders/{id}", "/orders/17/lines", false)]
    [InlineData("/orders/{**rest}", "/orders", true)]
    [InlineData("/orders/{**rest}", "/orders/", true)]
    [InlineData("/orders/{**rest}", "/orders/1/2/3/", true)]
    [InlineData("/orders/{**rest}", "/ordersx", false)]
    [InlineData("/{**rest}", "/", true)]
    [InlineData("/a/{x}/{**y}", "/a/b", true)]
    [InlineData("/a/{x}/{**y}", "/a", false)]
    [InlineData("/caf%c3%a9/%61", "/caf%C3%A9/a", true)]
    [InlineData("/café", "/caf%C3%A9", true)]
    [InlineData("/orders", "*", false)]
    [InlineData("/orders", "", false)]
    public void A_pattern_matches_whole_segments(string text, string path, bool expected)
    {
        Assert.Equal(expected, Parse(text).IsMatch(path));

        // The table reads the same.
        var table = RouteTable<int>.Build([new("a", new RouteMatch { Path = Parse(text) }, 1)], out _);
        Assert.Equal(expected, table!.Find("", path, "GET", "", default(NoFields)).Kind == RouteResultKind.Found);
    }

    [Theory]
    [InlineData("/orders/{id}/lines/{line}", "/orders/17/lines/4", "id", "17")]
    [InlineData("/orders/{id}/lines/{line}", "/orders/17/lines/4/", "line", "4")]
    [InlineData("/orders/{**rest}", "/orders", "rest", "")]
    [InlineData("/orders/{**rest}", "/orders/", "rest", "")]
    [InlineData("/orders/{**rest}", "/orders/a/b/", "rest", "a/b/")]
    [InlineData("/{**rest}", "/", "rest", "")]
    [InlineData("/{a}/{**rest}", "/x%20y/z", "a", "x%20y")]
    public void A_variable_has_its_part_of_the_path(string text, string path, string variable, string expected)
    {
        Assert.True(Parse(text).TryGetValue(path, variable, out var value));
        Assert.Equal(expected, value.ToString());
    }

    [Fact]
    public void A_literal_is_no_variable() => Assert.False(Parse("/a/{b}").TryGetValue("/a/c", "a", out _));

    [Theory]
    [InlineData("", "does not begin with a slash")]
    [InlineData("orders", "does not begin with a slash")]
    [InlineData("/orders/", "ends with a slash")]
    [InlineData("//", "ends with a slash")]
    [InlineData("/a//b", "empty segment")]
    [InlineData("/a/../b", "can't be in the path")]
    [InlineData("/a/%2e", "can't be in the path")]
    [InlineData("/a b", "can't be in the path")]
    [InlineData("/a%", "can't be in the path")]
    [InlineData("/a\\b", "can't be in the path")]
    [InlineData("/a?b", "'?'")]
    [InlineData("/a#b", "'#'")]
    [InlineData("/*", "asterisk")]
    [InlineData("/a*", "asterisk")]
    [InlineData("/{*rest}", "1 asterisk.")]
    [InlineData("/{***rest}", "3 asterisks.")]
    [InlineData("/{id:int}", "constraint")]
    [InlineData("/{id?}", "optional")]
    [InlineData("/{}", "no valid name")]
    [InlineData("/{**}", "no valid name")]
    [InlineData("/{1a}", "no valid name")]
    [InlineData("/{a b}", "no valid name")]
    [InlineData("/{a}.json", "no whole variable")]
    [InlineData("/v{a}", "no whole variable")]
    [InlineData("/{a", "no whole variable")]
    [InlineData("/a}", "no whole variable")]
    [InlineData("/{a}{b}", "two variables")]
    [InlineData("/{{a}}", "two variables")]
    [InlineData("/{**rest}/a", "follows {**rest}")]
    [InlineData("/{a}/{a}", "two variables named 'a'")]
    [InlineData("/{a}/{**a}", "two variables named 'a'")]
    [InlineData("/a;v=1", "path parameter")]
    [InlineData("/a%3bv", "path parameter")]
    [InlineData("/v1%3Adelete", "encodes ':'")]
    public void A_bad_pattern_is_explained(string text, string expected)
    {
        Assert.False(RoutePattern.TryParse(text, out _, out var error));
        Assert.Contains(expected, error.Text, StringComparison.Ordinal);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public void Broken_unicode_is_explained()
    {
        Assert.False(RoutePattern.TryParse("/a" + (char)0xD800, out _, out var error));
        Assert.Contains("Unicode", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_has_limits()
    {
        Parse("/" + string.Join('/', Enumerable.Repeat("a", 64)));
        Assert.False(RoutePattern.TryParse("/" + string.Join('/', Enumerable.Repeat("a", 65)), out _, out var error));
        Assert.Contains("64", error.Text, StringComparison.Ordinal);
        Assert.False(RoutePattern.TryParse("/" + new string('a', 2048), out _, out error));
        Assert.Contains("2048", error.Text, StringComparison.Ordinal);
    }

    private static RoutePattern Parse(string text)
    {
        Assert.True(RoutePattern.TryParse(text, out var pattern, out var error), error?.Text);
        return pattern!;
    }
}
