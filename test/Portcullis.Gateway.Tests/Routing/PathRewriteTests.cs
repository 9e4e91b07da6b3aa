using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class PathRewriteTests
{
    [Theory]
    [InlineData("/api", "/api/orders?x=1", "/orders?x=1")]
    [InlineData("/api", "/api", "/")]
    [InlineData("/api", "/api?x", "/?x")]
    [InlineData("/api", "/api/", "/")]
    [InlineData("/api", "/apis/a", "/apis/a")]
    [InlineData("/api", "/API/a", "/API/a")]
    [InlineData("/api", "/a/api", "/a/api")]
    [InlineData("/api/v1", "/api/v1/a/", "/a/")]
    [InlineData("/caf%c3%a9", "/caf%C3%A9/a", "/a")]
    [InlineData("/café", "/caf%C3%A9/a", "/a")]
    public void A_prefix_is_stripped_at_the_end_of_a_segment(string prefix, string raw, string expected)
    {
        Assert.True(PathRewrite.TryStripPrefix(prefix, out var rewrite, out _));
        Assert.Equal(expected, Apply(rewrite, raw));
    }

    [Theory]
    [InlineData("/api", "/v2", "/api/a", "/v2/a")]
    [InlineData("/api", "/v2/x", "/api", "/v2/x")]
    [InlineData("/api", "/v2", "/api/", "/v2/")]
    [InlineData("/api", "/v2", "/other", "/other")]
    [InlineData("/", "/v2", "/a?q", "/v2/a?q")]
    [InlineData("/", "/v2", "/", "/v2")]
    [InlineData("/api", "/[x]", "/api/a", "/%5Bx%5D/a")]
    public void A_prefix_is_replaced(string prefix, string replacement, string raw, string expected)
    {
        Assert.True(PathRewrite.TryReplacePrefix(prefix, replacement, out var rewrite, out _));
        Assert.Equal(expected, Apply(rewrite, raw));
    }

    [Theory]
    [InlineData("/orders/{**rest}", "/v2/{rest}", "/orders/a/b?q=1", "/v2/a/b?q=1")]
    [InlineData("/orders/{**rest}", "/v2/{**rest}", "/orders/a/b/", "/v2/a/b/")]
    [InlineData("/orders/{**rest}", "/v2/{rest}", "/orders", "/v2")]
    [InlineData("/orders/{**rest}", "/v2/{rest}", "/orders/", "/v2/")]
    [InlineData("/orders/{**rest}", "/{rest}", "/orders", "/")]
    [InlineData("/orders/{**rest}", "/{rest}", "/orders/", "/")]
    [InlineData("/orders/{**rest}", "/v2/{rest}/end", "/orders", "/v2/end")]
    [InlineData("/orders/{**rest}", "/v2/{rest}/end", "/orders/a/", "/v2/a/end")]
    [InlineData("/orders/{**rest}", "/v2/{rest}/end/", "/orders/a", "/v2/a/end/")]
    [InlineData("/{a}/{b}", "/{b}/{a}/{a}", "/x/y", "/y/x/x")]
    [InlineData("/{a}/{b}", "/{b}", "/x/y/", "/y")]
    [InlineData("/{a}", "/", "/x?q", "/?q")]
    [InlineData("/{a}", "/fixed;v=1/%3a", "/x", "/fixed;v=1/%3A")]
    [InlineData("/{a}", "/u/{a}", "/%2525%20%c3%a9", "/u/%2525%20%C3%A9")]
    [InlineData("/{a}", "/u/{a}", "/...", "/u/...")]
    public void A_template_is_filled_with_the_variables(string pattern, string template, string raw, string expected)
    {
        Assert.True(RoutePattern.TryParse(pattern, out var parsed, out _));
        Assert.True(PathRewrite.TryTemplate(template, parsed, out var rewrite, out var error), error?.Text);
        Assert.Equal(expected, Apply(rewrite, raw));
    }

    [Theory]
    [InlineData("v2", "slash")]
    [InlineData("", "slash")]
    [InlineData("/v2//a", "empty segment")]
    [InlineData("/v2//", "slash")]
    [InlineData("/../{id}", "can't be in the path")]
    [InlineData("/v2/{other}", "no variable 'other'")]
    [InlineData("/v2/{id}.json", "no whole variable")]
    [InlineData("/v2/{}", "no whole variable")]
    [InlineData("/v2?x={id}", "'?'")]
    public void A_bad_template_is_explained(string template, string expected)
    {
        Assert.True(RoutePattern.TryParse("/orders/{id}", out var pattern, out _));
        Assert.False(PathRewrite.TryTemplate(template, pattern, out _, out var error));
        Assert.Contains(expected, error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/", "by itself")]
    [InlineData("/a", "/%61", "by itself")]
    [InlineData("/a/{b}", "/", "variable")]
    [InlineData("/a/", "/b", "slash")]
    [InlineData("/a", "b", "slash")]
    [InlineData("/a", "/..", "can't be in the path")]
    public void A_bad_prefix_is_explained(string prefix, string replacement, string expected)
    {
        Assert.False(PathRewrite.TryReplacePrefix(prefix, replacement, out _, out var error));
        Assert.Contains(expected, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_asterisk_is_not_rewritten()
    {
        Assert.True(TargetNormaliser.TryNormalise("*", "OPTIONS", default, TargetSource.RequestLine, TargetOptions.Default, out var target, out _));
        Assert.True(PathRewrite.TryReplacePrefix("/", "/v2", out var rewrite, out _));
        Assert.Equal("*", rewrite.Apply(target).Value);
    }

    [Fact]
    public void A_rewritten_path_is_in_normal_form()
    {
        var random = new Random(7);
        string[] parts = ["/", "//", "a", ".", "%2e", "%2F", ";", "..", "%C3%A9", "%25", "|", "b"];
        var options = new TargetOptions { EncodedSlashes = EncodedSlashes.Keep };
        var patterns = new[] { "/{**rest}", "/{a}", "/a/{b}/{**rest}", "/{a}/{b}" };
        var rewritten = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var raw = "/" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => parts[random.Next(parts.Length)]));
            Assert.True(RoutePattern.TryParse(patterns[random.Next(patterns.Length)], out var pattern, out _));
            if (!TargetNormaliser.TryNormalise(raw, "GET", default, TargetSource.RequestLine, options, out var target, out _) || !pattern.IsMatch(target.Path))
                continue;

            var variable = pattern.Segments[^1].Text;
            Assert.True(PathRewrite.TryTemplate($"/{{{variable}}}/x/{{{variable}}}", pattern, out var template, out _));
            Assert.True(PathRewrite.TryStripPrefix("/a", out var strip, out _));
            foreach (var rewrite in new[] { template, strip })
            {
                var result = rewrite.Apply(target);
                Assert.True(TargetNormaliser.TryNormalise(result.Value, "GET", default, TargetSource.RequestLine, options, out var again, out _), result.Value);
                Assert.Equal(result.Value, again.Value);
                rewritten++;
            }
        }

        Assert.True(rewritten > 5000);
    }

    private static string Apply(PathRewrite rewrite, string raw)
    {
        Assert.True(TargetNormaliser.TryNormalise(raw, "GET", default, TargetSource.RequestLine, TargetOptions.Default, out var target, out _));
        var result = rewrite.Apply(target);
        Assert.Equal(result.Value, result.Path.ToString() + result.Query.ToString());
        Assert.Equal(target.Query.ToString(), result.Query.ToString());
        return result.Value;
    }
}
