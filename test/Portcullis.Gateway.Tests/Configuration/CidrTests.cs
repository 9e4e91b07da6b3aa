using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public sealed class CidrTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("::/0", "::ffff:10.0.0.1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("fe80::/10", "fe80::1%3", true)]
    public void Block_holds_its_addresses(string block, string address, bool holds)
    {
        var cidr = Cidr.Parse(block, null);

        Assert.Equal(holds, cidr.Contains(IPAddress.Parse(address)));
        Assert.Equal(holds, new CidrSet([cidr]).Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.0.0")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::1/32")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::ffff:0:0/90")]
    [InlineData("localhost")]
    public void Doubtful_block_is_refused(string text)
    {
        Assert.False(Cidr.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Set_bits_beyond_the_prefix_are_answered_with_the_block_that_was_meant()
    {
        Assert.False(Cidr.TryParse("10.1.2.3/8", out _, out var error));
        Assert.Contains("10.0.0.0/8", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_agrees_with_its_blocks_one_by_one()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var blocks = Enumerable.Range(0, random.Next(0, 40)).Select(_ => RandomBlock(random)).ToList();
            var set = new CidrSet(blocks);
            for (var i = 0; i < 200; i++)
            {
                var address = new IPAddress((long)(uint)random.Next());
                Assert.Equal(blocks.Any(block => block.Contains(address)), set.Contains(address));
            }
        }
    }

    [Fact]
    public void Look_up_allocates_nothing()
    {
        var set = new CidrSet([Cidr.Parse("10.0.0.0/8", null), Cidr.Parse("2001:db8::/32", null)]);
        var v4 = IPAddress.Parse("192.0.2.1");
        var v6 = IPAddress.Parse("2001:db8::1");
        Assert.Equal(0, AllocatedBytes.PerOperation(() => Assert.True(!set.Contains(v4) & set.Contains(v6))));
    }

    [Theory]
    [InlineData("0.0.0.0:8443", "0.0.0.0:8443", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    [InlineData("*:443", "[::]:443", true)]
    [InlineData("[::]:443", "[::]:443", true)]
    [InlineData("[::1]:80", "[::1]:80", false)]
    public void Listen_address_is_address_and_port(string text, string endPoint, bool dualMode)
    {
        var address = ListenAddress.Parse(text, null);

        Assert.Equal(endPoint, address.ToString());
        Assert.Equal(dualMode, address.IsDualMode);
    }

    [Theory]
    [InlineData("8443")]
    [InlineData(":8443")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.1:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("localhost:80")]
    [InlineData("example.com:80")]
    public void Doubtful_listen_address_is_refused(string text) => Assert.False(ListenAddress.TryParse(text, out _, out _));

    private static Cidr RandomBlock(Random random)
    {
        var prefix = random.Next(0, 33);
        var value = (uint)random.Next() & (prefix == 0 ? 0 : uint.MaxValue << (32 - prefix));
        return Cidr.Parse($"{value >> 24}.{(value >> 16) & 255}.{(value >> 8) & 255}.{value & 255}/{prefix}", null);
    }
}
