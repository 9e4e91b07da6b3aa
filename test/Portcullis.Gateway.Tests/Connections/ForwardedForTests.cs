using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Tests.Connections;

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
        => Assert.Equal(IPAddress.Parse(client), ForwardedFor.FindClient(IPAddress.Parse("10.0.0.1"), new StringValues(field.Split('|')), Trusted, out _));

    [Fact]
    public void Endless_chain_is_cut_off()
    {
        var field = "192.0.2.1, " + string.Join(", ", Enumerable.Repeat("10.2.2.2", 10_000));

        Assert.Equal(IPAddress.Parse("10.2.2.2"), ForwardedFor.FindClient(IPAddress.Parse("10.0.0.1"), field, Trusted, out var hops));
        Assert.Equal(ForwardedFor.MaximumHops, hops);
    }

    [Fact]
    public void Nobody_but_a_trusted_proxy_is_believed()
    {
        var read = ForwardedFor.Read(Connection("192.0.2.9"), Fields("198.51.100.1", "https", "admin.example"));

        Assert.Equal(new ForwardedFor(IPAddress.Parse("192.0.2.9"), null, null), read);
    }

    [Theory]
    [InlineData("https", "api.example:443", "https", "api.example:443")]
    [InlineData("HTTPS", "[2001:db8::1]:80", "https", "[2001:db8::1]:80")]
    [InlineData("ftp", "a b", null, null)]
    [InlineData("", "", null, null)]
    [InlineData("https", "a\r\nb", "https", null)]
    [InlineData("http, https", "evil.example, api.example", "https", "api.example")]
    public void Scheme_and_host_come_from_the_proxy_that_saw_the_client(string proto, string host, string? scheme, string? wantedHost)
    {
        var read = ForwardedFor.Read(Connection("10.0.0.1"), Fields("192.0.2.1", proto, host));

        Assert.Equal(new ForwardedFor(IPAddress.Parse("192.0.2.1"), scheme, wantedHost), read);
    }

    [Fact]
    public void Chain_of_proxies_keeps_the_entry_of_the_outermost()
    {
        var read = ForwardedFor.Read(Connection("10.0.0.1"), Fields("192.0.2.1, 10.2.2.2", "gopher, https, http", "evil, api.example, inner"));

        Assert.Equal(new ForwardedFor(IPAddress.Parse("192.0.2.1"), "https", "api.example"), read);
    }

    private static ClientConnection Connection(string peer)
    {
        var options = new ListenerOptions { Address = default, TrustedProxies = [Cidr.Parse("10.0.0.0/8", null)] };
        var rules = new ConnectionRules("test", options);
        var endPoint = new IPEndPoint(IPAddress.Parse(peer), 1);
        return new ClientConnection(rules, endPoint, rules.TrustedProxies.Contains(endPoint.Address), claimed: null);
    }

    private static HeaderDictionary Fields(string addresses, string proto, string host)
        => new() { ["X-Forwarded-For"] = addresses, ["X-Forwarded-Proto"] = proto, ["X-Forwarded-Host"] = host };
}
