using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>HS256: for a set that is one shared secret, and for nothing else (RFC 8725, sections 2.1 and 3.1).</summary>
public sealed class SharedSecretTests
{
    private const string Payload = """{"iss":"https://pair","sub":"job","aud":"api","exp":1893460000,"iat":1893456000,"jti":"1","client_id":"job"}""";

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly JsonWebKeySet Shared = JsonWebKeySet.OfSharedSecret(Secret.FromBytes(Bytes));

    private readonly TokenVerifier verifier = new(new TokenRules { Issuer = "https://pair", Audiences = ["api"], Types = TokenTypes.Jwt | TokenTypes.AccessToken }, new ManualTimeProvider());

    [Theory]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"any"}""")]
    public void Token_by_the_secret_is_accepted(string header)
    {
        var result = verifier.Verify(Mac(Bytes, header), Shared);
        Assert.True(result.IsValid, result.ToString());
        Assert.Null(result.Claims.KeyId);
    }

    [Fact]
    public void Token_by_another_secret_or_with_a_cut_mac_is_refused()
    {
        var token = Mac(Bytes, """{"alg":"HS256","typ":"JWT"}""");
        var input = token[..token.LastIndexOf('.')];
        Assert.Equal(TokenFailure.BadSignature, verifier.Verify(Mac(new byte[32], """{"alg":"HS256","typ":"JWT"}"""), Shared).Failure);
        Assert.Equal(TokenFailure.BadSignature, verifier.Verify($"{input}.{Base64Url.EncodeToString(new byte[31])}", Shared).Failure);
        Assert.Equal(TokenFailure.BadSignature, verifier.Verify($"{input}.AA", Shared).Failure);
        Assert.Equal(TokenFailure.Malformed, verifier.Verify(input + ".", Shared).Failure);
    }

    // The classic confusion: the public key, which everybody has, as the secret.
    [Fact]
    public void Public_keys_are_no_secrets_and_a_secret_is_no_public_key()
    {
        foreach (var key in new[] { TestSigner.Rsa, TestSigner.P256 })
        {
            var header = $$"""{"alg":"HS256","typ":"JWT","kid":"{{key.Id}}"}""";
            foreach (var guess in new[] { key.PublicKey.First, Encoding.ASCII.GetBytes(key.Id), TestSigner.Only(key).Document.ToArray() })
            {
                Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(Mac(guess, header), TestSigner.Keys).Failure);
                Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(Mac(guess, header), TestSigner.Only(key)).Failure);
            }

            Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(TestSigner.Sign(key, TestSigner.Header(key), Payload), Shared).Failure);
        }

        Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(Mac([], """{"alg":"HS256","typ":"JWT"}"""), JsonWebKeySet.Empty).Failure);
    }

    [Theory]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("hs256")]
    [InlineData("none")]
    public void Other_algorithms_are_refused(string algorithm)
        => Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(Mac(Bytes, $$"""{"alg":"{{algorithm}}","typ":"JWT"}"""), Shared).Failure);

    [Fact]
    public void A_short_secret_is_refused_and_none_is_ever_published_or_read_from_a_document()
    {
        Assert.Throws<ArgumentException>(() => JsonWebKeySet.OfSharedSecret(Secret.FromBytes(new byte[31])));
        Assert.Equal("""{"keys":[]}""", Encoding.ASCII.GetString(Shared.Document.Span));
        Assert.True(JsonWebKeySet.TryParse("""{"keys":[{"kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"""u8, out var set, out _));
        Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(Mac(Bytes, """{"alg":"HS256","typ":"JWT"}"""), set).Failure);
    }

    // RFC 7515, appendix A.1: signed by HS256, under a key of 64 octets.
    [Fact]
    public void The_example_of_RFC_7515_has_a_good_signature()
    {
        const string Token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        var keys = JsonWebKeySet.OfSharedSecret(Secret.FromBytes(Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")));
        var joe = new TokenVerifier(new TokenRules { Issuer = "joe", Audiences = ["api"], Types = TokenTypes.Jwt }, new ManualTimeProvider());
        Assert.Equal(TokenFailure.WrongAudience, joe.Verify(Token, keys).Failure);
        Assert.Equal(TokenFailure.BadSignature, joe.Verify(Token, Shared).Failure);
    }

    private static string Mac(byte[] secret, string header)
    {
        var input = $"{TestSigner.Encode(header)}.{TestSigner.Encode(Payload)}";
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}";
    }
}
