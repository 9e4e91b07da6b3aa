using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class TokenIssuerTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly TokenIssuer issuer;

    public TokenIssuerTests()
    {
        ring = Rings.Open(directory, clock);
        issuer = new TokenIssuer(ring, "https://gate", Rings.TokenLife, clock);
    }

    private static AccessTokenRequest Request => new()
    {
        Subject = "svc-é\"\\",
        ClientId = "svc",
        Audience = ["api"],
        Lifetime = TimeSpan.FromMinutes(10),
        Scope = "a b",
        Permissions = ["orders:read"],
        Roles = ["reader"],
    };

    public void Dispose()
    {
        ring.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void An_issued_token_passes_the_verifier_with_all_it_says()
    {
        var issued = issuer.Issue(Request);
        var verifier = new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["api"] }, clock);

        var verification = verifier.Verify(issued.Token, ring.Current.PublicKeys(KeyPurpose.TokenSigning));

        Assert.True(verification.IsValid, verification.ToString());
        Assert.Equal(Request.Subject, verification.Claims.Subject);
        Assert.Equal("svc", verification.Claims.ClientId);
        Assert.Equal("a b", verification.Claims.Scope);
        Assert.Equal(["orders:read"], verification.Claims.Permissions);
        Assert.Equal(["reader"], verification.Claims.Roles);
        Assert.Equal(issued.TokenId, verification.Claims.TokenId);
        Assert.Equal(clock.Seconds + 600, verification.Claims.ExpiresAt);
        Assert.Equal(issued.ExpiresAt.ToUnixTimeSeconds(), verification.Claims.ExpiresAt);
    }

    [Fact]
    public void The_header_is_that_of_RFC_9068()
    {
        var header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(issuer.Issue(Request).Token.Split('.')[0]));
        Assert.Equal($$"""{"alg":"ES256","kid":"{{ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.PublicKey.Thumbprint}}","typ":"at+jwt"}""", header);
    }

    [Fact]
    public void Several_audiences_become_an_array_and_empty_claims_are_left_out()
    {
        var token = issuer.Issue(new AccessTokenRequest { Subject = "s", ClientId = "s", Audience = ["a", "b"], Lifetime = TimeSpan.FromSeconds(1) }).Token;
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        Assert.Equal(["iss", "sub", "aud", "exp", "iat", "jti", "client_id"], payload.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, payload.RootElement.GetProperty("aud").GetArrayLength());
    }

    [Fact]
    public void A_token_for_a_person_tells_grant_session_sign_in_and_actor()
    {
        var token = issuer.Issue(Request with { GrantId = "g", SessionId = "s", Actor = "edge", Authentication = new AuthenticationEvent(clock.GetUtcNow(), ["pwd", "otp"]) }).Token;
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        var root = payload.RootElement;
        Assert.Equal(("g", "s", "edge", clock.Seconds), (Text("grant_id"), Text("sid"), root.GetProperty("act").GetProperty("sub").GetString(), root.GetProperty("auth_time").GetInt64()));
        Assert.Equal(2, root.GetProperty("amr").GetArrayLength());

        string? Text(string name) => root.GetProperty(name).GetString();
    }

    [Fact]
    public void An_ID_token_is_a_JWT_for_the_client_and_is_accepted_nowhere_else()
    {
        var request = new IdTokenRequest
        {
            Subject = "ada",
            ClientId = "app",
            Authentication = new AuthenticationEvent(clock.GetUtcNow(), ["pwd"]),
            Lifetime = TimeSpan.FromMinutes(10),
            Nonce = "n\"\\",
            AccessToken = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        };
        var token = issuer.IssueIdToken(request);
        var keys = ring.Current.PublicKeys(KeyPurpose.TokenSigning);
        var result = new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["app"], Types = TokenTypes.Jwt }, clock).Verify(token, keys);
        Assert.True(result.IsValid, result.ToString());
        Assert.Equal("n\"\\", result.Claims.FindString("nonce"u8));

        // The example of OpenID Connect Core, appendix A.3.
        Assert.Equal("77QmUPtjPfzWtF2AnpK9RQ", result.Claims.FindString("at_hash"u8));
        Assert.Equal(TokenFailure.WrongType, new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["app"] }, clock).Verify(token, keys).Failure);
        Assert.Throws<ArgumentException>(() => issuer.IssueIdToken(request with { Subject = "" }));
        Assert.Throws<ArgumentException>(() => issuer.IssueIdToken(request with { Lifetime = TimeSpan.Zero }));
    }

    [Fact]
    public void No_two_tokens_have_one_id()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => issuer.Issue(Request).TokenId).ToHashSet();
        Assert.Equal(100, ids.Count);
        Assert.All(ids, id => Assert.Equal(22, id.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\",\"alg\":\"none")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_type_can_not_break_out_of_the_header(string type) =>
        Assert.Throws<ArgumentException>(() => CompactSigner.Sign(ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!, type, "{}"u8));

    [Fact]
    public void Printing_an_issued_token_does_not_show_it()
    {
        var issued = issuer.Issue(Request);
        Assert.DoesNotContain(issued.Token, issued.ToString());
    }

    [Fact]
    public void Requests_that_name_nobody_or_live_too_long_are_refused()
    {
        Assert.Throws<ArgumentException>(() => issuer.Issue(Request with { Subject = "" }));
        Assert.Throws<ArgumentException>(() => issuer.Issue(Request with { ClientId = "" }));
        Assert.Throws<ArgumentException>(() => issuer.Issue(Request with { Audience = [] }));
        Assert.Throws<ArgumentException>(() => issuer.Issue(Request with { Lifetime = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => issuer.Issue(Request with { Lifetime = Rings.TokenLife + TimeSpan.FromSeconds(1) }));
        Assert.Throws<InvalidOperationException>(() => issuer.Issue(Request with { Scope = new string('s', 16 * 1024) }));
    }

    [Fact]
    public void An_issuer_whose_tokens_outlive_their_keys_is_refused() =>
        Assert.Throws<ArgumentException>(() => new TokenIssuer(ring, "https://gate", TimeSpan.FromDays(1), clock));

    [Fact]
    public void A_token_for_another_audience_or_issuer_is_not_accepted_here()
    {
        var token = issuer.Issue(Request).Token;
        var keys = ring.Current.PublicKeys(KeyPurpose.TokenSigning);
        Assert.Equal(TokenFailure.WrongAudience, new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["other"] }, clock).Verify(token, keys).Failure);
        Assert.Equal(TokenFailure.WrongIssuer, new TokenVerifier(new TokenRules { Issuer = "https://other", Audiences = ["api"] }, clock).Verify(token, keys).Failure);
    }

    [Fact]
    public void An_unverified_token_tells_issuer_and_key()
    {
        var token = issuer.Issue(Request);
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(token.Token), out var parsed, out _));
        Assert.Equal("https://gate", parsed.Claims.Issuer);
        Assert.Equal(token.KeyId, parsed.KeyId);
        Assert.Equal(TokenTypes.AccessToken, parsed.Type);
    }
}
