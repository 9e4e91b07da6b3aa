using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class OpaqueTokenTests
{
    [Fact]
    public void A_token_is_256_bits_behind_its_prefix_and_no_two_are_alike()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => OpaqueToken.Create("prt_").Text.Reveal()).ToHashSet();
        Assert.Equal(100, tokens.Count);
        Assert.All(tokens, token => Assert.Matches("^prt_[A-Za-z0-9_-]{43}$", token));
    }

    [Fact]
    public void What_was_made_is_read_with_the_hash_that_was_stored()
    {
        var token = OpaqueToken.Create("prt_");
        var read = OpaqueToken.Read("prt_", token.Text.Reveal());
        Assert.Equal(token.Hash.ToArray(), read!.Hash.ToArray());
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(token.Text.Reveal())), token.Hash.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("prt_")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("pac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("PRT_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u0141")]
    public void What_can_not_be_one_is_not_looked_up(string presented) => Assert.Null(OpaqueToken.Read("prt_", presented));

    [Fact]
    public void Printing_one_shows_nothing()
    {
        var token = OpaqueToken.Create("prt_");
        Assert.Equal("[redacted] [redacted]", $"{token} {token.Text}");
    }

    [Fact]
    public void The_successor_is_opened_by_the_spent_token_alone()
    {
        var (spent, successor, other) = (OpaqueToken.Create("prt_"), OpaqueToken.Create("prt_"), OpaqueToken.Create("prt_"));
        var sealedText = SuccessorSeal.Seal(spent, successor);
        Assert.True(sealedText.Length <= SuccessorSeal.MaximumSize);
        Assert.Equal(successor.Text, SuccessorSeal.Open("prt_", spent, sealedText)!.Text);
        Assert.Null(SuccessorSeal.Open("prt_", other, sealedText));
        Assert.Null(SuccessorSeal.Open("prt_", successor, sealedText));
        Assert.Null(SuccessorSeal.Open("pac_", spent, sealedText));
        Assert.Null(SuccessorSeal.Open("prt_", spent, []));
        Assert.Null(SuccessorSeal.Open("prt_", spent, new byte[28]));
        Assert.Null(SuccessorSeal.Open("prt_", spent, new byte[1000]));
        for (var i = 0; i < sealedText.Length; i++)
        {
            sealedText[i] ^= 1;
            Assert.Null(SuccessorSeal.Open("prt_", spent, sealedText));
            sealedText[i] ^= 1;
        }
    }

    // The form is stored: a later version must still open it.
    [Fact]
    public void The_seal_has_the_form_it_always_had()
    {
        var spent = OpaqueToken.Read("prt_", "prt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")!;
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes("prt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), 32, info: Encoding.ASCII.GetBytes("portcullis token successor v1"));
        var plaintext = Encoding.ASCII.GetBytes("prt_HxscGRoXGBUWExQREg8QDQ4LDAkKBwgFBgMEAQIAAAA"[..46] + "A");
        var nonce = new byte[12];
        var (ciphertext, tag) = (new byte[plaintext.Length], new byte[16]);
        using (var cipher = new AesGcm(key, 16)) cipher.Encrypt(nonce, plaintext, ciphertext, tag, spent.Hash.Span);
        Assert.Equal(Encoding.ASCII.GetString(plaintext), SuccessorSeal.Open("prt_", spent, [.. nonce, .. ciphertext, .. tag])!.Text.Reveal());
    }
}
