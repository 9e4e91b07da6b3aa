using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class TokenIssuerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly KeyRing _ring;
    private readonly TokenIssuer _issuer;

    public TokenIssuerTests()
    {
        _ring = Rings.Open(_directory, _clock);
        _issuer = new TokenIssuer(_ring, "https://gate", Rings.TokenLife, _clock);
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
        _ring.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_issued_token_passes_the_verifier_with_all_it_says()
    {
        var issued = _issuer.Issue(Request);
        var verifier = new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["api"] }, _clock);

        var verification = verifier.Verify(issued.Token, _ring.Current.PublicKeys(KeyPurpose.TokenSigning));

        Assert.True(verification.IsValid, verification.ToString());
        Assert.Equal(Request.Subject, verification.Claims.Subject);
        Assert.Equal("svc", verification.Claims.ClientId);
        Assert.Equal("a b", verification.Claims.Scope);
        Assert.Equal(["orders:read"], verification.Claims.Permissions);
        Assert.Equal(["reader"], verification.Claims.Roles);
        Assert.Equal(issued.TokenId, verification.Claims.TokenId);
        Assert.Equal(_clock.Seconds + 600, verification.Claims.ExpiresAt);
        Assert.Equal(issued.ExpiresAt.ToUnixTimeSeconds(), verification.Claims.ExpiresAt);
    }

    [Fact]
    public void The_header_is_that_of_RFC_9068()
    {
        var header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(_issuer.Issue(Request).Token.Split('.')[0]));
        Assert.Equal($$"""{"alg":"ES256","kid":"{{_ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.PublicKey.Thumbprint}}","typ":"at+jwt"}""", header);
    }

    [Fact]
    public void Several_audiences_become_an_array_and_empty_claims_are_left_out()
    {
        var token = _issuer.Issue(new AccessTokenRequest { Subject = "s", ClientId = "s", Audience = ["a", "b"], Lifetime = TimeSpan.FromSeconds(1) }).Token;
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        Assert.Equal(["iss", "sub", "aud", "exp", "iat", "jti", "client_id"], payload.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, payload.RootElement.GetProperty("aud").GetArrayLength());
    }

    [Fact]
    public void No_two_tokens_have_one_id()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => _issuer.Issue(Request).TokenId).ToHashSet();
        Assert.Equal(100, ids.Count);
        Assert.All(ids, id => Assert.Equal(22, id.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\",\"alg\":\"none")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_type_can_not_break_out_of_the_header(string type) =>
        Assert.Throws<ArgumentException>(() => CompactSigner.Sign(_ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!, type, "{}"u8));

    [Fact]
    public void Printing_an_issued_token_does_not_show_it()
    {
        var issued = _issuer.Issue(Request);
        Assert.DoesNotContain(issued.Token, issued.ToString());
    }

    [Fact]
    public void Requests_that_name_nobody_or_live_too_long_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _issuer.Issue(Request with { Subject = "" }));
        Assert.Throws<ArgumentException>(() => _issuer.Issue(Request with { ClientId = "" }));
        Assert.Throws<ArgumentException>(() => _issuer.Issue(Request with { Audience = [] }));
        Assert.Throws<ArgumentException>(() => _issuer.Issue(Request with { Lifetime = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => _issuer.Issue(Request with { Lifetime = Rings.TokenLife + TimeSpan.FromSeconds(1) }));
        Assert.Throws<InvalidOperationException>(() => _issuer.Issue(Request with { Scope = new string('s', 16 * 1024) }));
    }

    [Fact]
    public void An_issuer_whose_tokens_outlive_their_keys_is_refused() =>
        Assert.Throws<ArgumentException>(() => new TokenIssuer(_ring, "https://gate", TimeSpan.FromDays(1), _clock));

    [Fact]
    public void A_token_for_another_audience_or_issuer_is_not_accepted_here()
    {
        var token = _issuer.Issue(Request).Token;
        var keys = _ring.Current.PublicKeys(KeyPurpose.TokenSigning);
        Assert.Equal(TokenFailure.WrongAudience, new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["other"] }, _clock).Verify(token, keys).Failure);
        Assert.Equal(TokenFailure.WrongIssuer, new TokenVerifier(new TokenRules { Issuer = "https://other", Audiences = ["api"] }, _clock).Verify(token, keys).Failure);
    }

    [Fact]
    public void An_unverified_token_tells_issuer_and_key()
    {
        var token = _issuer.Issue(Request);
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(token.Token), out var parsed, out _));
        Assert.Equal("https://gate", parsed.Claims.Issuer);
        Assert.Equal(token.KeyId, parsed.KeyId);
        Assert.Equal(TokenTypes.AccessToken, parsed.Type);
    }
}
