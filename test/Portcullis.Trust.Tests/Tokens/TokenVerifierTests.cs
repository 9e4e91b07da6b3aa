using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class TokenVerifierTests
{
    private const string Issuer = "https://gate.example";
    private const string Audience = "https://api.example";

    private static readonly TokenRules rules = new() { Issuer = Issuer, Audiences = [Audience, "second"] };

    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void A_good_token_gives_all_its_claims()
    {
        var token = Sign(claims =>
        {
            claims["scope"] = "a b";
            claims["permissions"] = new JsonArray("orders:read", "orders:write");
            claims["roles"] = new JsonArray("clerk");
            claims["nbf"] = clock.Seconds;
            claims["tenant"] = "acme";
            claims["auth_time"] = 7;
            claims["act"] = new JsonObject { ["sub"] = "other", ["sid"] = "nested" };
        });

        foreach (var verification in new[] { Verify(token), Verifier().Verify(Encoding.ASCII.GetBytes(token), TestSigner.Keys) })
        {
            Assert.True(verification.IsValid, verification.ToString());
            var claims = verification.Claims;
            Assert.Equal(Issuer, claims.Issuer);
            Assert.Equal("alice", claims.Subject);
            Assert.Equal([Audience], claims.Audience);
            Assert.Equal("web", claims.ClientId);
            Assert.Equal("id-1", claims.TokenId);
            Assert.Equal("a b", claims.Scope);
            Assert.Equal(["orders:read", "orders:write"], claims.Permissions);
            Assert.Equal(["clerk"], claims.Roles);
            Assert.Equal(clock.Seconds + 3600, claims.ExpiresAt);
            Assert.Equal(clock.Seconds, claims.IssuedAt);
            Assert.Equal(clock.Seconds, claims.NotBefore);
            Assert.Equal(TestSigner.P256.Id, claims.KeyId);
            Assert.Equal("acme", claims.FindString("tenant"u8));
            Assert.Equal(7, claims.FindInteger("auth_time"u8));
            Assert.Null(claims.FindString("auth_time"u8));
            Assert.Null(claims.FindString("sid"u8));
            Assert.Null(claims.FindInteger("absent"u8));
            Assert.Equal("acme", JsonDocument.Parse(claims.Payload).RootElement.GetProperty("tenant").GetString());
        }
    }

    [Fact]
    public void RS256_is_verified_like_ES256() =>
        Assert.True(Verify(TestSigner.Sign(TestSigner.Rsa, TestSigner.Header(TestSigner.Rsa), Claims().ToJsonString())).IsValid);

    [Fact]
    public void The_zero_value_of_a_verification_refuses()
    {
        Assert.False(default(TokenVerification).IsValid);
        Assert.NotEqual(TokenFailure.None, default(TokenVerification).Failure);
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    public void Expired_token_is_refused_after_the_skew(int secondsAfter, bool accepted)
    {
        var token = Sign();
        clock.Advance(TimeSpan.FromSeconds(3600 + secondsAfter));
        Assert.Equal(accepted ? TokenFailure.None : TokenFailure.Expired, Verify(token).Failure);
    }

    [Theory]
    [InlineData("nbf", 30, true)]
    [InlineData("nbf", 31, false)]
    [InlineData("iat", 30, true)]
    [InlineData("iat", 31, false)]
    public void A_token_from_the_future_is_refused(string claim, int secondsAhead, bool accepted) =>
        Assert.Equal(accepted ? TokenFailure.None : TokenFailure.NotYetValid, Verify(Sign(claims => claims[claim] = clock.Seconds + secondsAhead)).Failure);

    [Theory]
    [InlineData("iss", TokenFailure.WrongIssuer)]
    [InlineData("aud", TokenFailure.WrongAudience)]
    [InlineData("exp", TokenFailure.MissingClaim)]
    [InlineData("sub", TokenFailure.MissingClaim)]
    [InlineData("client_id", TokenFailure.MissingClaim)]
    [InlineData("iat", TokenFailure.MissingClaim)]
    [InlineData("jti", TokenFailure.MissingClaim)]
    public void An_access_token_without_a_required_claim_is_refused(string claim, TokenFailure failure) =>
        Assert.Equal(failure, Verify(Sign(claims => claims.Remove(claim))).Failure);

    [Theory]
    [InlineData("sub")]
    [InlineData("client_id")]
    [InlineData("jti")]
    public void An_empty_required_claim_is_a_missing_one(string claim) =>
        Assert.Equal(TokenFailure.MissingClaim, Verify(Sign(claims => claims[claim] = "")).Failure);

    [Theory]
    [InlineData("https://gate.example/")]
    [InlineData("https://GATE.example")]
    [InlineData("https://gate.example\u0000")]
    [InlineData("")]
    public void Another_issuer_is_refused(string issuer) => Assert.Equal(TokenFailure.WrongIssuer, Verify(Sign(claims => claims["iss"] = issuer)).Failure);

    [Theory]
    [InlineData("""["other","second"]""", TokenFailure.None)]
    [InlineData("\"second\"", TokenFailure.None)]
    [InlineData("\"other\"", TokenFailure.WrongAudience)]
    [InlineData("[]", TokenFailure.WrongAudience)]
    [InlineData("[\"\"]", TokenFailure.WrongAudience)]
    [InlineData("[[\"second\"]]", TokenFailure.Malformed)]
    [InlineData("[\"second\",1]", TokenFailure.Malformed)]
    [InlineData("{\"second\":1}", TokenFailure.Malformed)]
    [InlineData("null", TokenFailure.Malformed)]
    public void One_audience_of_the_token_must_be_ours(string audience, TokenFailure failure) =>
        Assert.Equal(failure, Verify(Sign(claims => claims["aud"] = JsonNode.Parse(audience))).Failure);

    [Theory]
    [InlineData("1e300", TokenFailure.Malformed)]
    [InlineData("1e999", TokenFailure.Malformed)]
    [InlineData("-1", TokenFailure.Malformed)]
    [InlineData("-0.5", TokenFailure.Malformed)]
    [InlineData("0", TokenFailure.MissingClaim)]
    [InlineData("9223372036854775807", TokenFailure.Malformed)]
    [InlineData("9223372036854775808", TokenFailure.Malformed)]
    [InlineData("253402300800", TokenFailure.Malformed)]
    [InlineData("253402300799", TokenFailure.None)]
    [InlineData("4e9", TokenFailure.None)]
    [InlineData("4000000000.75", TokenFailure.None)]
    [InlineData("1893455999", TokenFailure.Expired)]
    [InlineData("\"4000000000\"", TokenFailure.Malformed)]
    [InlineData("true", TokenFailure.Malformed)]
    [InlineData("null", TokenFailure.Malformed)]
    [InlineData("[4000000000]", TokenFailure.Malformed)]
    public void The_expiry_is_a_sane_number(string expiry, TokenFailure failure)
    {
        // 2030-01-01 is 1893456000; issued long before, so that only the expiry decides.
        var payload = Claims().ToJsonString().Replace($"\"exp\":{clock.Seconds + 3600}", $"\"exp\":{expiry}", StringComparison.Ordinal)
            .Replace($"\"iat\":{clock.Seconds}", "\"iat\":1000", StringComparison.Ordinal);
        Assert.Equal(failure, Verify(TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), payload), TokenVerifierTests.rules with { ClockSkew = TimeSpan.Zero }).Failure);
    }

    [Fact]
    public void An_expiry_before_the_issue_is_refused()
    {
        Assert.Equal(TokenFailure.Malformed, Verify(Sign(claims => claims["exp"] = clock.Seconds)).Failure);
        Assert.Equal(TokenFailure.Malformed, Verify(Sign(claims => claims["nbf"] = clock.Seconds + 20, claims => claims["exp"] = clock.Seconds + 10)).Failure);
    }

    [Fact]
    public void A_longer_life_than_accepted_is_refused()
    {
        var rules = TokenVerifierTests.rules with { LongestLifetime = TimeSpan.FromMinutes(60) };
        Assert.Equal(TokenFailure.None, Verify(Sign(), rules).Failure);
        Assert.Equal(TokenFailure.TooLongLived, Verify(Sign(), rules with { LongestLifetime = TimeSpan.FromMinutes(59) }).Failure);
        var untimed = TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256, "JWT"), Claims(claims => claims.Remove("iat")).ToJsonString());
        Assert.Equal(TokenFailure.TooLongLived, Verify(untimed, rules with { Types = TokenTypes.Jwt }).Failure);
    }

    [Theory]
    [InlineData("sub", "1")]
    [InlineData("jti", "{}")]
    [InlineData("client_id", "null")]
    [InlineData("iss", "[\"https://gate.example\"]")]
    [InlineData("iat", "\"0\"")]
    [InlineData("nbf", "{}")]
    public void A_claim_of_the_wrong_type_is_refused(string claim, string value) =>
        Assert.Equal(TokenFailure.Malformed, Verify(Sign(claims => claims[claim] = JsonNode.Parse(value))).Failure);

    [Theory]
    [InlineData("\"orders:read\"", "orders:read")]
    [InlineData("\"orders:read  orders:write\"", "orders:read,orders:write")]
    [InlineData("[\"orders:read\",\"orders:write\"]", "orders:read,orders:write")]
    [InlineData("[]", "")]
    [InlineData("[1]", "")]
    [InlineData("[\"orders:read\",null]", "")]
    [InlineData("[[\"orders:read\"]]", "")]
    [InlineData("{\"orders:read\":true}", "")]
    [InlineData("7", "")]
    public void Words_come_as_a_string_or_as_strings_and_anything_else_is_none(string value, string words)
    {
        foreach (var claim in new[] { "permissions", "roles", "scope" })
        {
            // Before and after it stand claims that must still be read.
            var verification = Verify(Sign(claims =>
            {
                claims.Remove("sub");
                claims[claim] = JsonNode.Parse(value);
                claims["sub"] = "alice";
            }));
            Assert.True(verification.IsValid, verification.ToString());
            var read = claim switch
            {
                "permissions" => verification.Claims.Permissions,
                "roles" => verification.Claims.Roles,
                _ => verification.Claims.Scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
            };
            Assert.Equal(words.Split(',', StringSplitOptions.RemoveEmptyEntries), read);
            Assert.Equal("alice", verification.Claims.Subject);
        }
    }

    [Theory]
    [InlineData("\"typ\":\"at+jwt\"", TokenTypes.AccessToken, TokenFailure.None)]
    [InlineData("\"typ\":\"application/at+jwt\"", TokenTypes.AccessToken, TokenFailure.None)]
    [InlineData("\"typ\":\"AT+JWT\"", TokenTypes.AccessToken, TokenFailure.None)]
    [InlineData("\"typ\":\"JWT\"", TokenTypes.AccessToken, TokenFailure.WrongType)]
    [InlineData("\"typ\":\"\"", TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped, TokenFailure.WrongType)]
    [InlineData("\"typ\":\"logout+jwt\"", TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped, TokenFailure.WrongType)]
    [InlineData("\"x\":1", TokenTypes.AccessToken | TokenTypes.Jwt, TokenFailure.WrongType)]
    [InlineData("\"x\":1", TokenTypes.Untyped, TokenFailure.None)]
    [InlineData("\"typ\":\"JWT\"", TokenTypes.Jwt, TokenFailure.None)]
    [InlineData("\"typ\":\"at+jwt\"", TokenTypes.Jwt, TokenFailure.WrongType)]
    [InlineData("\"typ\":1", TokenTypes.Jwt, TokenFailure.Malformed)]
    public void Only_accepted_types_pass(string member, TokenTypes accepted, TokenFailure failure)
    {
        var header = $$"""{"alg":"ES256","kid":"{{TestSigner.P256.Id}}",{{member}}}""";
        Assert.Equal(failure, Verify(TestSigner.Sign(TestSigner.P256, header, Claims().ToJsonString()), TokenVerifierTests.rules with { Types = accepted }).Failure);
    }

    [Fact]
    public void An_ordinary_JWT_need_not_have_the_claims_of_an_access_token()
    {
        var token = TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256, "JWT"), $$"""{"iss":"{{Issuer}}","aud":"second","exp":{{clock.Seconds + 1}}}""");
        Assert.True(Verify(token, TokenVerifierTests.rules with { Types = TokenTypes.Jwt }).IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{}x")]
    [InlineData("{\"sub\":\"a\",\"sub\":\"b\"}")]
    [InlineData("{\"x\":{\"a\":1,\"\\u0061\":2}}")]
    [InlineData("{\"x\":\"\\ud800\"}")]
    [InlineData("{\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}")]
    public void A_payload_that_is_not_strict_JSON_is_refused_though_well_signed(string payload) =>
        Assert.Equal(TokenFailure.Malformed, Verify(TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), payload)).Failure);

    [Fact]
    public void Text_that_is_not_ASCII_is_refused()
    {
        Assert.Equal(TokenFailure.Malformed, Verify(Sign().Replace('.', '\u2024')).Failure);
        Assert.Equal(TokenFailure.Malformed, Verify("é" + Sign()).Failure);
    }

    [Fact]
    public void Size_limits_hold()
    {
        Assert.Equal(TokenFailure.Malformed, Verify(new string('a', 16 * 1024 + 1)).Failure);
        Assert.True(Verify(Sign(claims => claims["x"] = new string('x', 11_500))).IsValid);
        Assert.Contains("16 KiB", Verify(Sign(claims => claims["x"] = new string('x', 12_500))).Cause);
        var wide = TestSigner.Header(TestSigner.P256).Replace("}", $",\"x\":\"{new string('x', 6_100)}\"}}", StringComparison.Ordinal);
        Assert.Contains("8 KiB", Verify(TestSigner.Sign(TestSigner.P256, wide, Claims().ToJsonString())).Cause);
    }

    [Fact]
    public void The_cause_repeats_nothing_of_the_token()
    {
        var refused = Verify(Sign(claims => claims["iss"] = "<script>"));
        Assert.Equal("WrongIssuer: iss is missing or another", refused.ToString());
    }

    [Fact]
    public void Careless_rules_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { Issuer = "" }, clock));
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { Audiences = [] }, clock));
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { Audiences = [""] }, clock));
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { Types = TokenTypes.None }, clock));
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { ClockSkew = TimeSpan.FromMinutes(6) }, clock));
        Assert.Throws<ArgumentException>(() => new TokenVerifier(TokenVerifierTests.rules with { ClockSkew = TimeSpan.FromSeconds(-1) }, clock));
    }

    private JsonObject Claims(params Action<JsonObject>[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = "alice",
            ["aud"] = Audience,
            ["exp"] = clock.Seconds + 3600,
            ["iat"] = clock.Seconds,
            ["jti"] = "id-1",
            ["client_id"] = "web",
        };
        foreach (var change in changes)
            change(claims);
        return claims;
    }

    private string Sign(params Action<JsonObject>[] changes) =>
        TestSigner.Sign(TestSigner.P256, TestSigner.Header(TestSigner.P256), Claims(changes).ToJsonString());

    private TokenVerifier Verifier(TokenRules? rules = null) => new(rules ?? TokenVerifierTests.rules, clock);

    private TokenVerification Verify(string token, TokenRules? rules = null) => Verifier(rules).Verify(token, TestSigner.Keys);
}
