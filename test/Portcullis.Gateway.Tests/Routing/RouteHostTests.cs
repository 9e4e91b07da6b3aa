using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class RouteHostTests
{
    [Theory]
    [InlineData("API.example.com.", "api.example.com", false)]
    [InlineData("*.Example.com", "example.com", true)]
    [InlineData("*.svc1", "svc1", true)]
    [InlineData("[::1]", "[::1]", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    public void A_host_is_a_name_or_a_wildcard(string text, string name, bool isWildcard)
    {
        Assert.True(RouteHost.TryParse(text, out var host, out _));
        Assert.Equal((name, isWildcard), (host.Name, host.IsWildcard));
    }

    [Theory]
    [InlineData("a.example.com", true)]
    [InlineData("a.b.example.com", true)]
    [InlineData("example.com", false)]
    [InlineData(".example.com", false)]
    [InlineData("notexample.com", false)]
    [InlineData("", false)]
    public void A_wildcard_is_for_every_name_below_it(string host, bool expected)
    {
        Assert.True(RouteHost.TryParse("*.example.com", out var wildcard, out _));
        Assert.Equal(expected, wildcard.IsMatch(host));
    }

    [Theory]
    [InlineData("*", "Leave hosts out")]
    [InlineData("*.", "Leave hosts out")]
    [InlineData("*.*", "Leave hosts out")]
    [InlineData("a.*.example", "*.example.com")]
    [InlineData("*example.com", "*.example.com")]
    [InlineData("bücher.example", "xn--")]
    [InlineData("example.com:443", "leave the port out")]
    [InlineData("*.[::1]", "whole address")]
    [InlineData("*.10.0.0.1", "whole address")]
    [InlineData("*.0.0.1", "name or an address")]
    [InlineData("exa mple", "name or an address")]
    [InlineData("", "no Host")]
    public void A_bad_host_is_explained(string text, string hint)
    {
        Assert.False(RouteHost.TryParse(text, out _, out var error));
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
    }
}
