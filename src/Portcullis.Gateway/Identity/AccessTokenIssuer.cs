using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>Issues access tokens as the identity section says. The key ring is opened at first use, so that a check of a configuration makes no keys.</summary>
internal sealed class AccessTokenIssuer(Lazy<KeyRing> keys, IdentityOptions identity, TimeProvider clock)
{
    /// <summary>No token lives longer, whatever is configured: retired keys are kept that long.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(24);

    private readonly string[] audience = [identity.Audience ?? identity.Issuer];
    private TokenIssuer? issuer;

    public TimeSpan Lifetime => identity.AccessToken.Lifetime;

    /// <summary>A token of a client that acts for itself (RFC 9068 §2.2: the client is the subject).</summary>
    public IssuedToken IssueToClient(string clientId, IReadOnlyList<string> permissions)
    {
        issuer ??= new TokenIssuer(keys.Value, identity.Issuer, LongestLifetime, clock);
        return issuer.Issue(new AccessTokenRequest
        {
            Subject = clientId,
            ClientId = clientId,
            Audience = audience,
            Lifetime = identity.AccessToken.Lifetime,
            Scope = permissions.Count == 0 ? null : string.Join(' ', permissions),
            Permissions = permissions,
        });
    }
}
