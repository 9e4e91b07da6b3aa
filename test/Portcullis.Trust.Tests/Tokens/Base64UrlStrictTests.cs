using System.Buffers.Text;
using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class Base64UrlStrictTests
{
    [Fact]
    public void Every_value_of_up_to_two_bytes_has_one_spelling()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var decoded = new byte[4];
        foreach (var (characters, values) in new[] { (2, 256), (3, 65536) })
        {
            var accepted = 0;
            for (var i = 0; i < Math.Pow(64, characters); i++)
            {
                var text = string.Concat(Enumerable.Range(0, characters).Select(place => Alphabet[(i >> (6 * place)) & 63]));
                if (!Base64UrlStrict.TryDecode(Encoding.ASCII.GetBytes(text), decoded, out var written))
                    continue;
                accepted++;
                Assert.Equal(text, Base64Url.EncodeToString(decoded.AsSpan(0, written)));
            }

            Assert.Equal(values, accepted);
        }
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AAAAA")]
    [InlineData("AA==")]
    [InlineData("AA=")]
    [InlineData("AAA=")]
    [InlineData("AA+A")]
    [InlineData("AA/A")]
    [InlineData("AA A")]
    [InlineData("AAAA\n")]
    [InlineData("AA%A")]
    [InlineData("AAA\u00c4")]
    [InlineData("AB")]
    [InlineData("AAB")]
    public void Other_spellings_are_refused(string text)
    {
        Assert.False(Base64UrlStrict.TryDecode(Encoding.Latin1.GetBytes(text), new byte[16], out _));
        Assert.Null(Base64UrlStrict.Decode(text));
    }

    [Fact]
    public void Too_little_room_is_refused() => Assert.False(Base64UrlStrict.TryDecode("AAAA"u8, new byte[2], out _));

    [Fact]
    public void The_empty_text_is_the_empty_value() => Assert.Empty(Base64UrlStrict.Decode("")!);
}
