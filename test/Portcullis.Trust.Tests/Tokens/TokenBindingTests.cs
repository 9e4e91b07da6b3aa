using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>What a token says of its binding, its tenant and its sign-in is what was asked for.</summary>
public sealed class TokenBindingTests
{
    [Fact]
    public void Bound_token_matches_its_certificate_and_no_other()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ManualTimeProvider();
        using var ring = KeyRing.Open(Path.Combine(directory.Path, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(24))], clock);
        var thumbprint = RandomNumberGenerator.GetBytes(32);
        var request = new AccessTokenRequest
        {
            Subject = "robot",
            ClientId = "robot",
            Audience = ["api"],
            Lifetime = TimeSpan.FromMinutes(5),
            Tenant = "acme",
            CertificateThumbprint = thumbprint,
            Authentication = new AuthenticationEvent(clock.GetUtcNow(), ["pwd", "mfa"]),
        };
        var issuer = new TokenIssuer(ring, "https://issuer.example", TimeSpan.FromHours(24), clock);
        var result = new TokenVerifier(new TokenRules { Issuer = "https://issuer.example", Audiences = ["api"] }, clock).Verify(issuer.Issue(request).Token, ring.Current.PublicKeys(KeyPurpose.TokenSigning));
        Assert.True(result.IsValid, result.ToString());
        var binding = TokenBinding.Of(result.Claims)!;
        Assert.True(binding.Matches(thumbprint));
        Assert.False(binding.Matches(RandomNumberGenerator.GetBytes(32)));
        Assert.False(binding.Matches(thumbprint.AsSpan(0, 31)));
        Assert.False(binding.Matches([]));
        Assert.Equal("acme", result.Claims.FindString("tenant"u8));
        Assert.Equal((clock.GetUtcNow(), "pwd mfa"), (result.Claims.FindAuthentication()!.At, string.Join(' ', result.Claims.FindAuthentication()!.Methods)));

        var unbound = new TokenVerifier(new TokenRules { Issuer = "https://issuer.example", Audiences = ["api"] }, clock)
            .Verify(issuer.Issue(request with { CertificateThumbprint = default, Tenant = null, Authentication = null }).Token, ring.Current.PublicKeys(KeyPurpose.TokenSigning));
        Assert.Null(TokenBinding.Of(unbound.Claims!));
        Assert.Null(unbound.Claims!.FindAuthentication());
        Assert.DoesNotContain("tenant", Encoding.UTF8.GetString(unbound.Claims.Payload.Span), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => issuer.Issue(request with { CertificateThumbprint = new byte[20] }));
    }
}
