using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Tests.Connections.Addresses;

public sealed class ForwardedForTests
{
    private static readonly CidrSet Trusted = new([Cidr.Parse("10.0.0.0/8", null), Cidr.Parse("2001:db8::/32", null)]);

    [Theory]
    [InlineData("", "10.0.0.1")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("198.51.100.1, 192.0.2.1", "192.0.2.1")]
    [InlineData("198.51.100.1, 192.0.2.1, 10.9.9.9", "192.0.2.1")]
    [InlineData("10.1.1.1, 10.2.2.2", "10.1.1.1")]
    [InlineData("192.0.2.1|10.2.2.2", "192.0.2.1")]
    [InlineData("192.0.2.1:4711", "192.0.2.1")]
    [InlineData("[2001:db9::1]:4711", "2001:db9::1")]
    [InlineData("[2001:db9::1]", "2001:db9::1")]
    [InlineData("2001:db9::1", "2001:db9::1")]
    [InlineData("2001:db9::1, 2001:db8::7", "2001:db9::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1, ::ffff:10.0.0.7", "192.0.2.1")]
    [InlineData(" 192.0.2.1\t,, 10.2.2.2 ,", "192.0.2.1")]
    [InlineData("192.0.2.1, unknown", "10.0.0.1")]
    [InlineData("192.0.2.1, garbage, 10.2.2.2", "10.2.2.2")]
    [InlineData("192.0.2.1, _hidden, 10.2.2.2", "10.2.2.2")]
    [InlineData("192.0.2.1, 010.0.0.1", "10.0.0.1")]
    [InlineData("192.0.2.1, 167772161", "10.0.0.1")]
    [InlineData("192.0.2.1, 10.0.0.1:", "10.0.0.1")]
    [InlineData("192.0.2.1, 10.0.0.1:port", "10.0.0.1")]
    [InlineData("192.0.2.1, [10.0.0.1]", "10.0.0.1")]
    [InlineData("192.0.2.1, [2001:db8::1]x", "10.0.0.1")]
    [InlineData("192.0.2.1, [2001:db8::1", "10.0.0.1")]
    [InlineData("192.0.2.1, 2001:db8::1%eth0", "10.0.0.1")]
    [InlineData("192.0.2.1, \"10.2.2.2\"", "10.0.0.1")]
    public void Client_is_the_first_from_the_right_that_is_no_proxy_of_ours(string field, string client)
        => Assert.Equal(IPAddress.Parse(client), ForwardedFor.FindClient(IPAddress.Parse("10.0.0.1"), new StringValues(field.Split('|')), Trusted, out _, out _));

    [Fact]
    public void Endless_chain_is_cut_off()
    {
        var field = "192.0.2.1, " + string.Join(", ", Enumerable.Repeat("10.2.2.2", 10_000));

        Assert.Equal(IPAddress.Parse("10.2.2.2"), ForwardedFor.FindClient(IPAddress.Parse("10.0.0.1"), field, Trusted, out var hops, out var isOfProxy));
        Assert.False(isOfProxy);
        Assert.Equal(ForwardedFor.MaximumHops, hops);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("10.2.2.2, 10.3.3.3", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("unknown", false)]
    [InlineData("10.2.2.2, _hidden", false)]
    public void Request_is_the_proxys_own_only_where_the_whole_field_names_proxies(string field, bool isOfProxy)
    {
        ForwardedFor.FindClient(IPAddress.Parse("10.0.0.1"), field, Trusted, out _, out var found);

        Assert.Equal(isOfProxy, found);
    }

    [Theory]
    [InlineData("https", "https")]
    [InlineData("HTTPS", "https")]
    [InlineData("ftp", null)]
    [InlineData("", null)]
    [InlineData("http, https", "https")]
    public void Scheme_comes_from_the_proxy_that_saw_the_client(string proto, string? scheme)
        => Assert.Equal(new ForwardedFor(IPAddress.Parse("192.0.2.1"), IsOfProxy: false, scheme), Read("192.0.2.1", proto));

    [Fact]
    public void Chain_of_proxies_keeps_the_entry_of_the_outermost()
        => Assert.Equal(new ForwardedFor(IPAddress.Parse("192.0.2.1"), IsOfProxy: false, "https"), Read("192.0.2.1, 10.2.2.2", "gopher, https, http"));

    private static ForwardedFor Read(string addresses, string proto)
        => ForwardedFor.Read(IPAddress.Parse("10.0.0.1"), Trusted, new HeaderDictionary { ["X-Forwarded-For"] = addresses, ["X-Forwarded-Proto"] = proto });
}
