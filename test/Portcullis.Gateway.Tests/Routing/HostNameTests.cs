using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Routing;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("example.com", "example.com", 0)]
    [InlineData("API.Example.COM", "api.example.com", 0)]
    [InlineData("example.com:8443", "example.com", 8443)]
    [InlineData("example.com.", "example.com", 0)]
    [InlineData("EXAMPLE.com.:1", "example.com", 1)]
    [InlineData("localhost:65535", "localhost", 65535)]
    [InlineData("my_service", "my_service", 0)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", 0)]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData("[::1]", "[::1]", 0)]
    [InlineData("[::1]:8080", "[::1]", 8080)]
    [InlineData("[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]", 0)]
    [InlineData("[::ffff:192.0.2.1]:443", "[::ffff:192.0.2.1]", 443)]
    public void A_host_is_brought_to_its_normal_form(string value, string name, int port)
    {
        Assert.True(HostName.TryNormalise(value, out var host, out var broken));
        Assert.Equal(name, host.Name.ToString());
        Assert.Equal(port, host.Port);
        Assert.Equal(TargetRule.None, broken);
        Assert.Equal(port == 0 ? name : $"{name}:{port}", host.Authority(value));
    }

    [Theory]
    [InlineData("exa mple.com")]
    [InlineData("user@example.com")]
    [InlineData("example.com,other.example")]
    [InlineData("example.com/a")]
    [InlineData("example.com\\a")]
    [InlineData("exämple.com")]
    [InlineData("ex%61mple.com")]
    [InlineData("example..com")]
    [InlineData(".example.com")]
    [InlineData("example.com..")]
    [InlineData(".")]
    [InlineData(":80")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("*.example.com")]
    [InlineData("example.com\0")]
    [InlineData("\u212aelvin.example")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[::1]x")]
    [InlineData("[::1]x:80")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[:::1]")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.0.0.0x1")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.256")]
    [InlineData("1.2.3.4.5")]
    [InlineData("example.1")]
    public void A_malformed_host_is_refused(string value) => Refuse(TargetRule.HostMalformed, value);

    [Theory]
    [InlineData("example.com:")]
    [InlineData("example.com:0")]
    [InlineData("example.com:080")]
    [InlineData("example.com:65536")]
    [InlineData("example.com:999999")]
    [InlineData("example.com:+80")]
    [InlineData("example.com:80:80")]
    [InlineData("example.com:8o")]
    [InlineData("[::1]:")]
    [InlineData("::1")]
    public void A_malformed_port_is_refused(string value) => Refuse(TargetRule.HostPort, value);

    [Fact]
    public void Labels_and_names_have_a_length()
    {
        var label = new string('a', 63);
        Assert.True(HostName.TryNormalise(label + ".example", out _, out _));
        Refuse(TargetRule.HostMalformed, label + "a.example");
        Assert.True(HostName.TryNormalise($"{label}.{label}.{label}.{new string('a', 61)}", out _, out _));
        Refuse(TargetRule.HostMalformed, $"{label}.{label}.{label}.{new string('a', 62)}");
        Refuse(TargetRule.HostMalformed, new string('a', 100_000));
    }

    [Fact]
    public void A_missing_host_is_refused()
    {
        Refuse(TargetRule.HostMissing, "");
        Assert.False(HostName.TryNormalise(StringValues.Empty, out var host, out var broken));
        Assert.Equal(TargetRule.HostMissing, broken);
        Assert.True(host.IsMissing);
    }

    [Fact]
    public void Several_hosts_are_refused_even_when_equal()
    {
        Assert.False(HostName.TryNormalise(new StringValues(["example.com", "example.com"]), out _, out var broken));
        Assert.Equal(TargetRule.HostRepeated, broken);
        Assert.True(HostName.TryNormalise(new StringValues("example.com"), out _, out _));
    }

    [Fact]
    public void A_missing_host_is_the_same_authority_as_none() => Assert.False(default(HostName).IsSameAuthority(default, 80));

    [Theory]
    [InlineData("api.example.com:8443")]
    [InlineData("127.0.0.1:8080")]
    public void Nothing_is_allocated_for_a_name_in_normal_form(string value) =>
        Assert.Equal(0, AllocatedBytes.PerOperation(() => HostName.TryNormalise(value, out _, out _)));

    private static void Refuse(TargetRule expected, string value)
    {
        Assert.False(HostName.TryNormalise(value, out var host, out var broken));
        Assert.Equal(expected, broken);
        Assert.True(host.IsMissing);
    }
}
