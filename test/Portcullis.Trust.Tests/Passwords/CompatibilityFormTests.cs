using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Passwords;

namespace Portcullis.Trust.Tests.Passwords;

/// <summary>Normalization against digests of what another implementation (ICU, Unicode 17) makes of the same texts, and examples of UAX #15.</summary>
public sealed class CompatibilityFormTests
{
    private const int Accepted = 286654;

    [Theory]
    [InlineData("\u00C5", "\u00C5")]
    [InlineData("A\u030A", "\u00C5")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\uFB01", "fi")]
    [InlineData("\u1E9B\u0323", "\u1E69")]
    [InlineData("2\u2075", "25")]
    [InlineData("\uFF21\uFF42\u3000\uFF11", "Ab 1")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\uD558\u11AB", "\uD55C")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u0344", "\u0308\u0301")]
    public void Examples_of_the_annex_are_normalized(string text, string expected) => Assert.Equal(expected, Normalize(text));

    [Fact]
    public void Every_character_is_normalized_as_by_ICU()
    {
        Assert.Equal("82075ca92d82cc7705f9f516b86eb53fab0f163cff6b46770ae19f1cb5e3350b", Digest(character => character, out var count));
        Assert.Equal(Accepted, count);
    }

    [Fact]
    public void Every_character_between_marks_is_normalized_as_by_ICU() =>
        Assert.Equal("a151d9274dd9c9c5661a5126b5ac349c95139a03ed6b9595a47ec23d9256a259", Digest(character => "A" + character + "\u0323\u0301" + character + "\u0345\u11a8", out _));

    [Fact]
    public void Normalizing_twice_changes_nothing()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var j = 0; j < 12; j++)
                text.Append(new Rune(Pick(random)));
            var once = Normalize(text.ToString());
            Assert.Equal(once, Normalize(once));
        }
    }

    private static int Pick(Random random)
    {
        while (true)
        {
            var point = random.Next(4) == 0 ? random.Next(0x300, 0x360) : random.Next(0x30000);
            if (UnicodeTables.Instance.IsAccepted((uint)point))
                return point;
        }
    }

    private static string Digest(Func<string, string> text, out int count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        count = 0;
        for (uint point = 0; point <= 0x10FFFF; point++)
        {
            if (!UnicodeTables.Instance.IsAccepted(point))
                continue;
            count++;
            hash.AppendData(Encoding.UTF8.GetBytes(Normalize(text(new Rune(point).ToString())) + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Normalize(string text)
    {
        var points = text.EnumerateRunes().Select(rune => (uint)rune.Value).ToArray();
        var result = new uint[points.Length * CompatibilityForm.LargestExpansion];
        var length = CompatibilityForm.Normalize(points, result);
        return string.Concat(result[..length].Select(point => new Rune(point).ToString()));
    }
}
