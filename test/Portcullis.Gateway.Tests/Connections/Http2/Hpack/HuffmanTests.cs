using System.Text;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

public sealed class HuffmanTests
{
    // RFC 7541, Appendix B; the strings of Appendix C.
    [Theory]
    [InlineData("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff")]
    [InlineData("no-cache", "a8eb10649cbf")]
    [InlineData("custom-value", "25a849e95bb8e8b4bf")]
    [InlineData("302", "6402")]
    [InlineData("Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff")]
    [InlineData("https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3")]
    [InlineData("\n", "fffffff3")]
    [InlineData("\0", "ffc7")]
    [InlineData("\\", "fffe1f")]
    [InlineData("\u00ff", "fffffbbf")]
    [InlineData("", "")]
    public void A_string_has_the_code_of_the_table(string text, string hex)
    {
        var octets = Encoding.Latin1.GetBytes(text);

        Assert.Equal(FieldRecorder.Octets(hex), Encode(octets));
        Assert.Equal(octets, Decode(FieldRecorder.Octets(hex)));
    }

    [Fact]
    public void The_codes_fill_all_thirty_bits_with_EOS_the_last()
    {
        // Kraft's sum is one: no prefix is free, and none is used twice.
        Assert.Equal(1L << 30, Enumerable.Range(0, 257).Sum(symbol => 1L << (30 - HuffmanCode.Lengths[symbol])));
        Assert.Equal(0x3fffffffu, HuffmanCode.Codes[HuffmanCode.EndOfString]);
    }

    [Fact]
    public void Every_octet_beside_every_other_is_read_back()
    {
        for (var first = 0; first < 256; first++)
        {
            for (var second = 0; second < 256; second++)
            {
                byte[] octets = [(byte)first, (byte)second];
                Assert.Equal(octets, Decode(Encode(octets)));
            }
        }
    }

    [Fact]
    public void Random_strings_are_read_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var octets = new byte[random.Next(100)];
            var (from, to) = random.Next(3) switch { 0 => (0, 256), 1 => ('a', 'z'), _ => (32, 127) };
            for (var at = 0; at < octets.Length; at++) octets[at] = (byte)random.Next(from, to);
            Assert.Equal(octets, Decode(Encode(octets)));
        }
    }

    [Theory]
    [InlineData("1f", true)] // a, and three ones
    [InlineData("1e", false)] // not all ones
    [InlineData("18", false)]
    [InlineData("1fff", false)] // eleven ones
    [InlineData("ff", false)] // eight ones
    [InlineData("f1e3c2e5f23a6ba0ab90f4ffff", false)]
    [InlineData("fe", false)] // a symbol of more bits than there are
    [InlineData("fffffff0", false)]
    [InlineData("ffffff", false)]
    public void Padding_is_less_than_eight_ones(string hex, bool isRight)
        => Assert.Equal(isRight, HuffmanDecoder.Decode(FieldRecorder.Octets(hex), new byte[100], out _) is null);

    [Theory]
    [InlineData("ffffffff")]
    [InlineData("fffffffc")]
    [InlineData("1fffffffff")]
    [InlineData("1fffffffff1818181818181818")]
    public void EOS_within_a_string_is_an_error(string hex)
        => Assert.Contains("EOS", HuffmanDecoder.Decode(FieldRecorder.Octets(hex), new byte[100], out _), StringComparison.Ordinal);

    [Fact]
    public void The_longest_text_has_room()
    {
        var coded = new byte[1000]; // of zeros, the code of 0, which has five bits
        var text = new byte[HuffmanDecoder.MostLength(coded.Length)];

        Assert.Null(HuffmanDecoder.Decode(coded, text, out var length));
        Assert.Equal(1600, length);
        Assert.True(text.AsSpan(0, length).IndexOfAnyExcept((byte)'0') < 0);
    }

    [Fact]
    public void Any_octets_are_an_error_or_the_code_of_what_they_say()
    {
        var random = new Random(2);
        for (var i = 0; i < 50_000; i++)
        {
            var coded = new byte[random.Next(40)];
            random.NextBytes(coded);
            if (random.Next(2) == 0) coded.AsSpan(random.Next(coded.Length + 1)).Fill(0xff);
            var text = new byte[HuffmanDecoder.MostLength(coded.Length)];
            if (HuffmanDecoder.Decode(coded, text, out var length) is null) Assert.Equal(coded, Encode(text[..length]));
        }
    }

    private static byte[] Encode(byte[] text)
    {
        var coded = new byte[HuffmanEncoder.LengthOf(text)];
        HuffmanEncoder.Encode(text, coded);
        return coded;
    }

    private static byte[] Decode(byte[] coded)
    {
        var text = new byte[HuffmanDecoder.MostLength(coded.Length)];
        Assert.Null(HuffmanDecoder.Decode(coded, text, out var length));
        return text[..length];
    }
}
