using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>Attacks on the verifier: RFC 8725, section 2, and whatever else comes to mind.</summary>
public sealed class HostileTokenTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly TokenVerifier verifier;
    private readonly string payload;

    public HostileTokenTests()
    {
        verifier = new TokenVerifier(
            new TokenRules { Issuer = "i", Audiences = ["a"], Types = TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped }, clock);
        payload = $$"""{"iss":"i","sub":"s","aud":"a","exp":{{clock.Seconds + 60}},"iat":{{clock.Seconds}},"jti":"j","client_id":"c"}""";
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("ES384")]
    [InlineData("ES256K")]
    [InlineData("EdDSA")]
    [InlineData("rs256")]
    [InlineData("RS256 ")]
    [InlineData("RS256\\u0000")]
    [InlineData("A256GCM")]
    public void Only_the_two_algorithms_are_known(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","kid":"{{TestSigner.Rsa.Id}}"}""";
        Assert.Equal(TokenFailure.AlgorithmRefused, Verify(TestSigner.Sign(TestSigner.Rsa, header, payload)));
        Assert.Equal(TokenFailure.Malformed, Verify($"{TestSigner.Encode(header)}.{TestSigner.Encode(payload)}."));
    }

    [Fact]
    public void The_public_key_is_not_an_HMAC_secret()
    {
        var header = $$"""{"alg":"HS256","kid":"{{TestSigner.Rsa.Id}}"}""";
        var input = $"{TestSigner.Encode(header)}.{TestSigner.Encode(payload)}";
        using var rsa = RSA.Create(new RSAParameters { Modulus = TestSigner.Rsa.PublicKey.First, Exponent = TestSigner.Rsa.PublicKey.Second });
        foreach (var secret in new[] { rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), TestSigner.Keys.Document.ToArray() })
        {
            var mac = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input));
            Assert.Equal(TokenFailure.AlgorithmRefused, Verify($"{input}.{Base64Url.EncodeToString(mac)}"));
        }
    }

    [Fact]
    public void The_header_can_not_choose_another_algorithm_than_the_key_has()
    {
        Assert.Equal(TokenFailure.AlgorithmRefused, Verify(TestSigner.Sign(TestSigner.Rsa, $$"""{"alg":"ES256","kid":"{{TestSigner.Rsa.Id}}"}""", payload)));
        Assert.Equal(TokenFailure.AlgorithmRefused, Verify(TestSigner.Sign(TestSigner.P256, $$"""{"alg":"RS256","kid":"{{TestSigner.P256.Id}}"}""", payload)));
    }

    [Fact]
    public void A_missing_or_odd_algorithm_is_refused()
    {
        foreach (var header in new[] { "{}", """{"kid":"x"}""", """{"alg":null}""", """{"alg":["RS256"]}""", """{"alg":{"RS256":1}}""", """{"alg":1}""" })
            Assert.Equal(TokenFailure.Malformed, Verify(TestSigner.Sign(TestSigner.Rsa, header, payload)));
    }

    [Fact]
    public void A_duplicate_member_in_the_header_is_refused()
    {
        foreach (var second in new[] { "alg", "\\u0061lg", "a\\u006cg" })
        {
            var header = $$"""{"alg":"RS256","kid":"{{TestSigner.Rsa.Id}}","{{second}}":"RS256"}""";
            Assert.Equal(TokenFailure.Malformed, Verify(TestSigner.Sign(TestSigner.Rsa, header, payload)));
        }
    }

    [Fact]
    public void An_escaped_member_name_means_the_same_as_a_plain_one()
    {
        var id = TestSigner.Rsa.Id;
        Assert.Equal(TokenFailure.None, Verify(TestSigner.Sign(TestSigner.Rsa, $$"""{"\u0061lg":"RS25\u0036","ki\u0064":"\u00{{(int)id[0]:x2}}{{id[1..]}}"}""", payload)));
        Assert.Equal(TokenFailure.HeaderRefused, Verify(TestSigner.Sign(TestSigner.Rsa, $$"""{"alg":"RS256","kid":"{{id}}","\u0063rit":["exp"]}""", payload)));
    }

    [Theory]
    [InlineData("\"crit\":[\"exp\"]")]
    [InlineData("\"crit\":[]")]
    [InlineData("\"crit\":null")]
    [InlineData("\"b64\":false,\"crit\":[\"b64\"]")]
    [InlineData("\"b64\":true")]
    [InlineData("\"zip\":\"DEF\"")]
    [InlineData("\"cty\":\"JWT\"")]
    [InlineData("\"cty\":\"application/jwt\"")]
    [InlineData("\"jwk\":{\"kty\":\"EC\"}")]
    public void Demands_and_embedded_keys_in_the_header_are_refused(string member)
    {
        var header = $$"""{"alg":"RS256","kid":"{{TestSigner.Rsa.Id}}",{{member}}}""";
        Assert.Equal(TokenFailure.HeaderRefused, Verify(TestSigner.Sign(TestSigner.Rsa, header, payload)));
    }

    [Fact]
    public void An_attackers_own_key_in_the_header_is_never_used()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = own.ExportParameters(false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""";
        foreach (var (member, failure) in new[]
        {
            ($"\"jwk\":{jwk}", TokenFailure.HeaderRefused),
            ("\"jku\":\"https://evil.example/jwks\"", TokenFailure.BadSignature),
            ("\"x5u\":\"https://evil.example/chain\"", TokenFailure.BadSignature),
            ("\"x5c\":[\"MIIB\"]", TokenFailure.BadSignature),
        })
        {
            var input = $"{TestSigner.Encode($$"""{"alg":"ES256","kid":"{{TestSigner.P256.Id}}",{{member}}}""")}.{TestSigner.Encode(payload)}";
            var signature = own.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256);
            Assert.Equal(failure, Verify($"{input}.{Base64Url.EncodeToString(signature)}"));
        }
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("' OR '1'='1")]
    [InlineData("x")]
    public void An_unknown_key_id_finds_nothing(string id) =>
        Assert.Equal(TokenFailure.UnknownKey, Verify(TestSigner.Sign(TestSigner.Rsa, $$"""{"alg":"RS256","kid":"{{id}}"}""", payload)));

    [Fact]
    public void Key_ids_of_no_or_absurd_length_or_type_are_refused()
    {
        foreach (var id in new[] { "\"\"", $"\"{new string('k', 257)}\"", "1", "null", "[]" })
            Assert.Equal(TokenFailure.Malformed, Verify(TestSigner.Sign(TestSigner.Rsa, $$"""{"alg":"RS256","kid":{{id}}}""", payload)));
    }

    [Fact]
    public void Without_key_id_only_a_set_of_one_key_answers()
    {
        var token = TestSigner.Sign(TestSigner.Rsa, """{"alg":"RS256"}""", payload);
        Assert.Equal(TokenFailure.UnknownKey, Verify(token));
        Assert.Equal(TokenFailure.None, verifier.Verify(token, TestSigner.Only(TestSigner.Rsa)).Failure);
        Assert.Equal(TokenFailure.AlgorithmRefused, verifier.Verify(token, TestSigner.Only(TestSigner.P256)).Failure);
        Assert.Equal(TokenFailure.UnknownKey, verifier.Verify(token, JsonWebKeySet.Empty).Failure);
    }

    [Fact]
    public void ECDSA_signatures_of_zero_or_of_another_form_are_refused()
    {
        var good = TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), payload);
        var input = good[..good.LastIndexOf('.')];
        var raw = Base64Url.DecodeFromChars(good.AsSpan(input.Length + 1));
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        byte[] zero = new byte[32];
        byte[][] bad =
        [
            new byte[64], [.. zero, .. raw[32..]], [.. raw[..32], .. zero], [.. order, .. raw[32..]], [.. raw[..32], .. order], [.. order, .. order],
            [.. zero, .. zero[..31], 1], raw[..63], [.. raw, 0], [0, .. raw[..32], 0, .. raw[32..]], [.. raw[32..], .. raw[..32]], [1], new byte[1024],
            Der(raw),
        ];
        Assert.Equal(TokenFailure.None, Verify(good));
        foreach (var signature in bad)
            Assert.Equal(TokenFailure.BadSignature, Verify($"{input}.{Base64Url.EncodeToString(signature)}"));
        Assert.Equal(TokenFailure.Malformed, Verify($"{input}.{Base64Url.EncodeToString(new byte[1025])}"));
    }

    [Fact]
    public void RSA_signatures_of_another_length_or_padding_are_refused()
    {
        var good = TestSigner.Sign(TestSigner.Rsa, TestSigner.Header(TestSigner.Rsa), payload);
        var input = good[..good.LastIndexOf('.')];
        var raw = Base64Url.DecodeFromChars(good.AsSpan(input.Length + 1));
        foreach (var signature in new[] { raw[..255], [.. raw, 0], [0, .. raw], new byte[256], TestSigner.Rsa.PublicKey.First, [1] })
            Assert.Equal(TokenFailure.BadSignature, Verify($"{input}.{Base64Url.EncodeToString(signature)}"));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (var key in new[] { TestSigner.Rsa, TestSigner.P256 })
        {
            var token = TestSigner.Sign(key, TestSigner.Header(key), payload);
            for (var length = 0; length < token.Length; length++)
                Assert.NotEqual(TokenFailure.None, Verify(token[..length]));
            for (var start = 1; start < token.Length; start++)
                Assert.NotEqual(TokenFailure.None, Verify(token[start..]));
        }
    }

    [Fact]
    public void Every_change_of_a_single_bit_is_refused()
    {
        foreach (var key in new[] { TestSigner.Rsa, TestSigner.P256 })
        {
            var token = Encoding.ASCII.GetBytes(TestSigner.Sign(key, TestSigner.Header(key), payload));
            for (var i = 0; i < token.Length; i++)
            {
                for (var bit = 0; bit < 8; bit++)
                {
                    token[i] ^= (byte)(1 << bit);
                    Assert.NotEqual(TokenFailure.None, verifier.Verify(token, TestSigner.Keys).Failure);
                    token[i] ^= (byte)(1 << bit);
                }
            }

            Assert.True(verifier.Verify(token, TestSigner.Keys).IsValid);
        }
    }

    [Fact]
    public void Mutations_throw_nothing_and_pass_nothing()
    {
        var random = new Random(20300101);
        var original = Encoding.ASCII.GetBytes(TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), payload));
        for (var round = 0; round < 20_000; round++)
        {
            var token = original.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(token.Count);
                switch (random.Next(4))
                {
                    case 0:
                        token[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        token.RemoveAt(at);
                        break;
                    case 2:
                        token.Insert(at, (byte)".=_-A \n{\"\\\0"[random.Next(11)]);
                        break;
                    default:
                        token.InsertRange(at, token.Skip(random.Next(token.Count)).Take(random.Next(40)).ToList());
                        break;
                }
            }

            var bytes = token.ToArray();
            var isSame = bytes.AsSpan().SequenceEqual(original);
            Assert.Equal(isSame, verifier.Verify(bytes, TestSigner.Keys).IsValid);
            Assert.Equal(UnverifiedToken.TryParse(bytes, out _, out var cause), cause is null);
        }
    }

    [Fact]
    public void Mutations_of_decoded_headers_and_payloads_throw_nothing()
    {
        var random = new Random(20300102);
        foreach (var text in new[] { TestSigner.Header(TestSigner.P256), payload, """{"a\u0062":"\ud83d\ude00","aud":["x",{"y":[1e5,null]}]}""" })
        {
            var original = Encoding.UTF8.GetBytes(text);
            for (var round = 0; round < 20_000; round++)
            {
                var json = original.ToList();
                for (var change = random.Next(1, 5); change > 0; change--)
                {
                    var at = random.Next(json.Count);
                    if (random.Next(3) == 0)
                        json.RemoveAt(at);
                    else
                        json.Insert(at, random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:\\u0d8e1"[random.Next(14)]);
                }

                byte[] bytes = [.. json];
                JoseHeader.Read(bytes, out _, out _);
                ClaimsReader.Read(bytes, KnownTexts.None, out _);
            }
        }
    }

    [Fact]
    public void Another_spelling_of_the_same_bytes_is_refused()
    {
        var token = TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), payload);
        var parts = token.Split('.');
        Assert.Equal(TokenFailure.None, Verify(token));
        foreach (var other in new[]
        {
            $"{parts[0]}.{parts[1]}.{parts[2]}=", $"{parts[0]}.{parts[1]}.{parts[2]}==", $" {token}", $"{token} ", $"{token}\n", $"{parts[0]}.{parts[1]}\n.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}.", $".{token}", $"{parts[0]}..{parts[1]}.{parts[2]}", $"Bearer {token}",
        })
            Assert.NotEqual(TokenFailure.None, Verify(other));
    }

    [Fact]
    public void A_deeply_nested_header_is_refused_before_any_key_is_looked_up()
    {
        var header = $$"""{"alg":"RS256","kid":"x","y":{{new string('[', 3000)}}{{new string(']', 3000)}}}""";
        Assert.Equal(TokenFailure.Malformed, Verify($"{TestSigner.Encode(header)}.e30.AAAA"));
    }

    [Fact]
    public void A_header_of_many_members_is_refused()
    {
        var header = $$"""{"alg":"RS256",{{string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"{i}\":1"))}}}""";
        Assert.Equal(TokenFailure.Malformed, Verify($"{TestSigner.Encode(header)}.e30.AAAA"));
    }

    private static byte[] Der(byte[] raw)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(TrimZeros(raw.AsSpan(0, 32)));
            writer.WriteIntegerUnsigned(TrimZeros(raw.AsSpan(32)));
        }

        return writer.Encode();
    }

    private static ReadOnlySpan<byte> TrimZeros(ReadOnlySpan<byte> number) => number.TrimStart((byte)0);

    private TokenFailure Verify(string token) => verifier.Verify(Encoding.Latin1.GetBytes(token), TestSigner.Keys).Failure;
}
