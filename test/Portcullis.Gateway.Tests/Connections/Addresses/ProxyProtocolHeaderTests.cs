using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Tests.Connections.Addresses;

public sealed class ProxyProtocolHeaderTests
{
    private static readonly byte[] V2 = [.. "\r\n\r\n\0\r\nQUIT\n"u8];
    private static readonly byte[] V4Addresses = [192, 0, 2, 1, 198, 51, 100, 2, 0x12, 0x34, 0x01, 0xBB];

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r\n", "192.0.2.1:4660")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "[2001:db8::1]:1")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff whatever\r\n", null)]
    public void Version1_header_is_read(string text, string? source)
    {
        var header = Parse(text + "GET / HTTP/1.1");

        Assert.Equal(ProxyProtocolOutcome.Present, header.Outcome);
        Assert.Equal(text.Length, header.Length);
        Assert.Equal(source, header.Source?.ToString());
    }

    [Theory]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP4\r\n")]
    [InlineData("PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n")]
    [InlineData("PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1  198.51.100.2 1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2 198.51.100.2 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 ::2 1 2\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n")]
    [InlineData("PROXY TCP6 fe80::1%1 ::2 1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n\r\n")]
    [InlineData("PROXY UNKNOWNX\r\n")]
    [InlineData("PROXY TCP4 \x80\x81 198.51.100.2 1 2\r\n")]
    [InlineData("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")]
    public void Malformed_version1_header_is_invalid(string text) => Assert.Equal(ProxyProtocolOutcome.Invalid, Parse(text).Outcome);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROPFIND / HTTP/1.1\r\n")]
    [InlineData("proxy TCP4")]
    [InlineData("\x16\x03\x01")]
    [InlineData("\r\n\r\nX")]
    public void Other_octets_are_no_header(string text) => Assert.Equal(ProxyProtocolOutcome.Absent, Parse(text).Outcome);

    [Fact]
    public void Every_beginning_of_a_header_is_incomplete()
    {
        byte[][] wholes = ["PROXY TCP4 192.0.2.1 198.51.100.2 4660 443\r\n"u8.ToArray(), Build(0x21, 0x11, [.. V4Addresses, 4, 0, 1, 7])];
        foreach (var whole in wholes)
        {
            for (var length = 0; length < whole.Length; length++)
                Assert.Equal(ProxyProtocolOutcome.Incomplete, ProxyProtocolHeader.Parse(whole.AsSpan(0, length)).Outcome);
            Assert.Equal(ProxyProtocolOutcome.Present, ProxyProtocolHeader.Parse(whole).Outcome);
        }
    }

    [Fact]
    public void Version2_header_is_read()
    {
        var header = ProxyProtocolHeader.Parse(Build(0x21, 0x11, V4Addresses));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0x1234), header.Source);
        Assert.Equal(28, header.Length);

        byte[] v6 = [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.Parse("2001:db8::2").GetAddressBytes(), 0, 1, 0, 2];
        Assert.Equal("[2001:db8::1]:1", ProxyProtocolHeader.Parse(Build(0x21, 0x21, v6)).Source?.ToString());
    }

    [Theory]
    [InlineData(0x20, 0x00, 0)] // LOCAL
    [InlineData(0x20, 0x11, 12)] // LOCAL with addresses, which don't count
    [InlineData(0x20, 0x77, 5)] // LOCAL of a family that is unknown
    [InlineData(0x21, 0x00, 0)] // PROXY, unspecified
    public void Header_without_a_client_leaves_the_peer(byte versionAndCommand, byte family, int size)
    {
        var header = ProxyProtocolHeader.Parse(Build(versionAndCommand, family, new byte[size]));

        Assert.Equal(ProxyProtocolOutcome.Present, header.Outcome);
        Assert.Null(header.Source);
    }

    [Theory]
    [InlineData(0x11, 0x11, 12)] // version 1 in binary
    [InlineData(0x31, 0x11, 12)] // version 3
    [InlineData(0x22, 0x11, 12)] // unknown command
    [InlineData(0x21, 0x12, 12)] // UDP
    [InlineData(0x21, 0x31, 216)] // UNIX
    [InlineData(0x21, 0x41, 12)] // unknown family
    [InlineData(0x21, 0x11, 11)] // too short for its addresses
    [InlineData(0x21, 0x21, 12)] // likewise
    [InlineData(0x21, 0x11, 14)] // half a TLV
    [InlineData(0x21, 0x11, 4081)] // too long
    public void Malformed_version2_header_is_invalid(byte versionAndCommand, byte family, int size)
        => Assert.Equal(ProxyProtocolOutcome.Invalid, ProxyProtocolHeader.Parse(Build(versionAndCommand, family, new byte[size])).Outcome);

    [Fact]
    public void Tlvs_are_skipped_and_must_fit()
    {
        Assert.Equal(ProxyProtocolOutcome.Present, ProxyProtocolHeader.Parse(Build(0x21, 0x11, [.. V4Addresses, 1, 0, 2, 9, 9, 2, 0, 0])).Outcome);
        Assert.Equal(ProxyProtocolOutcome.Invalid, ProxyProtocolHeader.Parse(Build(0x21, 0x11, [.. V4Addresses, 1, 0, 3, 9, 9])).Outcome);
        Assert.Equal(ProxyProtocolOutcome.Invalid, ProxyProtocolHeader.Parse(Build(0x21, 0x11, [.. V4Addresses, 1, 255, 255, 9])).Outcome);
    }

    [Fact]
    public void Checksum_must_hold()
    {
        var header = Build(0x21, 0x11, [.. V4Addresses, 3, 0, 4, 0, 0, 0, 0]);
        var crc = uint.MaxValue;
        foreach (var octet in header) crc = BitOperations.Crc32C(crc, octet);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(^4), ~crc);
        Assert.Equal(ProxyProtocolOutcome.Present, ProxyProtocolHeader.Parse(header).Outcome);

        header[16] ^= 1;
        Assert.Equal(ProxyProtocolOutcome.Invalid, ProxyProtocolHeader.Parse(header).Outcome);
    }

    [Fact]
    public void Garbage_never_throws()
    {
        var random = new Random(11);
        byte[][] seeds = [Build(0x21, 0x11, [.. V4Addresses, 1, 0, 2, 9, 9]), "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"u8.ToArray()];
        for (var round = 0; round < 50_000; round++)
        {
            var mutated = (byte[])seeds[round % 2].Clone();
            for (var i = random.Next(1, 5); i > 0; i--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            var header = ProxyProtocolHeader.Parse(mutated.AsSpan(0, random.Next(mutated.Length + 1)));
            Assert.True(header.Length <= mutated.Length && (header.Outcome == ProxyProtocolOutcome.Present || header.Source is null));
        }
    }

    private static ProxyProtocolHeader Parse(string text) => ProxyProtocolHeader.Parse(Encoding.Latin1.GetBytes(text));

    private static byte[] Build(byte versionAndCommand, byte family, byte[] rest)
        => [.. V2, versionAndCommand, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
