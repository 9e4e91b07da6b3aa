using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>
/// Project Wycheproof's vectors for JWS and JWK. Every group with public keys is run, and every set with symmetric ones too: a vector that
/// Wycheproof calls invalid must be refused, whichever algorithm it is for. One that it calls valid must be accepted when header and key are
/// RS256 or ES256; valid ones for other algorithms (HS*, RS384, RS512, PS*, ES384, ES512) are out of scope and must be refused. The JWE groups
/// (json_web_crypto: jwe_aes, jwe_ec) are encryption and out of scope altogether; groups without public key (HS*, base64) are given their
/// private set, of which nothing may be usable.
/// </summary>
public sealed class WycheproofTests
{
    [Theory]
    [InlineData("json_web_signature_test.json", 401, 10)]
    [InlineData("json_web_key_test.json", 26, 1)]
    [InlineData("json_web_crypto_test.json", 49, 2)]
    public void Every_vector_is_judged_right(string file, int expectedRun, int expectedAccepted)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Requirement.Data("wycheproof", file)));
        var (run, accepted) = (0, 0);
        var wrong = new List<string>();
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (group.GetProperty("comment").GetString()!.StartsWith("jwe", StringComparison.Ordinal))
                continue;
            var keys = ReadKeys(group);
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var jws = test.GetProperty("jws");
                var token = jws.ValueKind == JsonValueKind.String ? jws.GetString()! : jws.GetRawText();
                var isAccepted = IsAccepted(token, keys);
                var shouldBe = test.GetProperty("result").GetString() == "valid" && keys.Keys.Count > 0;
                if (isAccepted != shouldBe)
                    wrong.Add($"{test.GetProperty("tcId")} {test.GetProperty("comment")}: accepted {isAccepted}");
                run++;
                accepted += isAccepted ? 1 : 0;
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(expectedRun, run);
        Assert.Equal(expectedAccepted, accepted);
    }

    [Fact]
    public void The_reasons_for_skipped_keys_are_the_right_ones()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Requirement.Data("wycheproof", "json_web_key_test.json")));
        var reasons = document.RootElement.GetProperty("testGroups").EnumerateArray().SelectMany(group => ReadKeys(group).Skipped)
            .Select(key => key.Reason).ToHashSet();

        string[] expected =
        [
            "the RSA modulus bears the fingerprint of CVE-2017-15361",
            "the RSA modulus has fewer than 2048 bits",
            "the RSA exponent is out of range",
            "an algorithm that is not supported",
            "not for signatures",
            "the public key is not valid",
            "a curve that is not supported",
            "a key type that is not supported",
        ];
        Assert.Empty(expected.Except(reasons));
    }

    private static JsonWebKeySet ReadKeys(JsonElement group)
    {
        var source = group.TryGetProperty("public", out var open) ? open : group.GetProperty("private");
        var text = source.TryGetProperty("keys", out _) ? source.GetRawText() : $$"""{"keys":[{{source.GetRawText()}}]}""";
        return JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text), out var set, out _) ? set : JsonWebKeySet.Empty;
    }

    private static bool IsAccepted(string token, JsonWebKeySet keys)
    {
        var scratch = new byte[CompactToken.MaximumSize];
        return CompactToken.TrySplit(Encoding.UTF8.GetBytes(token), out var parts, out _)
            && SignatureCheck.Verify(parts, keys, TokenTypes.Untyped | TokenTypes.Jwt, scratch, out _, out _, out _) == TokenFailure.None
            && Base64UrlStrict.TryDecode(parts.Payload, scratch, out _);
    }
}
