using System.Net;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Connecting;

namespace Portcullis.Gateway.Tests.Forwarding.Connecting;

public sealed class AddressRulesTests
{
    private static readonly AddressRules Default = new(new NetworkOptions());

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%3")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd00:ec2::23")]
    [InlineData("fd00:42::42")]
    [InlineData("fd20:ce::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("ff02::1")]
    [InlineData("255.255.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("::ffff:0:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::169.254.169.254")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2001:0:1:2:3:4:5601:5601")]
    [InlineData("2001:db8::5efe:169.254.169.254")]
    [InlineData("2001:db8::200:5efe:169.254.169.254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    public void Name_may_not_resolve_to_a_dangerous_address(string address)
        => Assert.False(Default.Permits("orders.example.com", IPAddress.Parse(address)));

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.0.1")]
    [InlineData("100.100.100.201")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00::1")]
    [InlineData("64:ff9b::10.0.0.1")]
    public void Name_may_resolve_to_any_other_address(string address)
        => Assert.True(Default.Permits("orders.example.com", IPAddress.Parse(address)));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST.", true)]
    [InlineData("api.localhost", true)]
    [InlineData("localhost.example.com", false)]
    [InlineData("notlocalhost", false)]
    public void Only_localhost_may_be_loopback(string host, bool permitted)
        => Assert.Equal(permitted, Default.Permits(host, IPAddress.Loopback));

    [Fact]
    public void Allowed_networks_lift_the_default_denials_and_exclude_all_else()
    {
        var rules = new AddressRules(new NetworkOptions { Allow = [Cidr.Parse("127.0.0.0/8", null), Cidr.Parse("10.0.0.0/8", null)] });
        Assert.True(rules.Permits("orders", IPAddress.Loopback));
        Assert.True(rules.Permits("orders", IPAddress.Parse("10.2.3.4")));
        Assert.False(rules.Permits("orders", IPAddress.Parse("203.0.113.9")));
        Assert.False(rules.Permits("orders", IPAddress.Parse("169.254.169.254")));
    }

    [Fact]
    public void Allowing_an_address_that_carries_another_does_not_allow_the_other()
    {
        var all = new AddressRules(new NetworkOptions { Allow = [Cidr.Parse("::/0", null), Cidr.Parse("64:ff9b::/96", null)] });
        Assert.True(all.Permits("orders", IPAddress.Parse("64:ff9b::10.0.0.1")));
        Assert.False(all.Permits("orders", IPAddress.Parse("64:ff9b::169.254.169.254")));
        Assert.False(all.Permits("orders", IPAddress.Parse("64:ff9b::127.0.0.1")));

        var both = new AddressRules(new NetworkOptions { Allow = [Cidr.Parse("64:ff9b::/96", null), Cidr.Parse("169.254.169.254", null)] });
        Assert.True(both.Permits("orders", IPAddress.Parse("64:ff9b::169.254.169.254")));
    }

    [Fact]
    public void Denied_network_wins_over_an_allowed_one_also_in_disguise()
    {
        var rules = new AddressRules(new NetworkOptions { Allow = [Cidr.Parse("10.0.0.0/8", null), Cidr.Parse("64:ff9b::/96", null)], Deny = [Cidr.Parse("10.9.0.0/16", null)] });
        Assert.True(rules.Permits("orders", IPAddress.Parse("10.8.0.1")));
        Assert.False(rules.Permits("orders", IPAddress.Parse("10.9.0.1")));
        Assert.False(rules.Permits("orders", IPAddress.Parse("::ffff:10.9.0.1")));
        Assert.False(rules.Permits("orders", IPAddress.Parse("64:ff9b::10.9.0.1")));
    }
}
