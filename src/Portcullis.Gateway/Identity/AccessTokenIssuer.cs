using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>Issues tokens as the identity section says. The key ring is opened at first use, so that a check of a configuration makes no keys.</summary>
internal sealed class AccessTokenIssuer(Lazy<KeyRing> keys, IdentityOptions identity, TimeProvider clock)
{
    /// <summary>No token lives longer, whatever is configured: retired keys are kept that long.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(24);

    /// <summary>An ID token is read once, when it arrives.</summary>
    public static readonly TimeSpan IdTokenLifetime = TimeSpan.FromMinutes(10);

    private readonly string[] audience = [identity.Audience ?? identity.Issuer];
    private TokenIssuer? issuer;

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Name => identity.Issuer;

    /// <summary>Seconds that an access token lives.</summary>
    public long ExpiresIn => (long)identity.AccessToken.Lifetime.TotalSeconds;

    private TokenIssuer Issuer => issuer ??= new TokenIssuer(keys.Value, identity.Issuer, LongestLifetime, clock);

    /// <summary>A token of a client that acts for itself (RFC 9068 §2.2: the client is the subject).</summary>
    /// <param name="client">The client.</param>
    /// <param name="permissions">What is granted.</param>
    /// <param name="certificate">SHA-256 of the certificate that the token is bound to; empty for none.</param>
    public IssuedToken IssueToClient(OAuthClient client, IReadOnlyList<string> permissions, ReadOnlyMemory<byte> certificate) => Issuer.Issue(new AccessTokenRequest
    {
        Subject = client.Id,
        ClientId = client.Id,
        Tenant = client.Tenant,
        CertificateThumbprint = certificate,
        Audience = audience,
        Lifetime = identity.AccessToken.Lifetime,
        Scope = permissions.Count == 0 ? null : string.Join(' ', permissions),
        Permissions = permissions,
    });

    /// <summary>A token for a person's grant to a client.</summary>
    /// <param name="grant">The grant, which the token ends with.</param>
    /// <param name="person">The person as they are now.</param>
    /// <param name="scope">All that is granted, scopes of OpenID Connect too.</param>
    /// <param name="permissions">The permissions among it.</param>
    /// <param name="certificate">SHA-256 of the certificate that the token is bound to; empty for none.</param>
    public IssuedToken IssueToPerson(Grant grant, Person person, IReadOnlyList<string> scope, IReadOnlyList<string> permissions, ReadOnlyMemory<byte> certificate) => Issuer.Issue(new AccessTokenRequest
    {
        Subject = grant.Subject,
        ClientId = grant.ClientId,
        Audience = audience,
        Lifetime = identity.AccessToken.Lifetime,
        Scope = scope.Count == 0 ? null : string.Join(' ', scope),
        Permissions = permissions,
        Roles = person.RolesBy(grant.Authentication),
        GrantId = grant.Id,
        SessionId = grant.SessionId,
        Authentication = grant.Authentication,
        Tenant = person.Tenant,
        CertificateThumbprint = certificate,
    });

    /// <summary>An ID token beside an access token.</summary>
    public string IssueIdToken(Grant grant, string? nonce, IssuedToken access) => Issuer.IssueIdToken(new IdTokenRequest
    {
        Subject = grant.Subject,
        ClientId = grant.ClientId,
        Authentication = grant.Authentication,
        Lifetime = IdTokenLifetime,
        Nonce = nonce,
        SessionId = grant.SessionId,
        AccessToken = access.Token,
    });

    /// <summary>A token of any other content, under this issuer.</summary>
    public IssuedToken Issue(AccessTokenRequest request) => Issuer.Issue(request);
}
