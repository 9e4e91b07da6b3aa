using System.Text;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>
/// An access token, of the gateway's own or of an outside issuer that counts, for one that the gateway signs for an upstream (RFC 8693 §2). The new one says
/// less or the same, lives no longer, names who acts, and is for an audience that the client is registered for.
/// </summary>
internal sealed class TokenExchangeGrant(TokenAuthenticator tokens, TrustedIssuers issuers, AccessTokenIssuer issuer, TimeProvider clock) : IGrantType
{
    public const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
    public const string JwtType = "urn:ietf:params:oauth:token-type:jwt";

    /// <summary>For one hop, right now.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromMinutes(5);

    public string Name => GrantNames.TokenExchange;

    public async ValueTask<GrantReply> RedeemAsync(GrantRequest request)
    {
        // 1. What is asked for (§2.1).
        var form = request.Form;
        if (form["subject_token"] is not { } text) return OAuthError.InvalidRequest("subject_token is missing");
        if (form["subject_token_type"] is not (AccessTokenType or JwtType)) return OAuthError.InvalidRequest("subject_token_type must be an access token or JWT");
        if (form["requested_token_type"] is not (null or AccessTokenType or JwtType)) return OAuthError.InvalidRequest("only access tokens are given");
        if (form.Contains("actor_token")) return OAuthError.InvalidRequest("actor_token is not supported: the client acts");
        if (form["audience"] is not { } audience || !request.Client.ExchangeAudiences.Contains(audience)) return new OAuthError("invalid_target", "the client may have no token for that audience");

        // 2. The token, judged as on any route: signature, issuer, audience, times, revocation, and the certificate that it is bound to. Without it, exchange
        // would make a token that counts for whoever has stolen it.
        var outcome = await tokens.AuthenticateAsync(text.AsMemory(), issuers, request.Presented, request.Aborted);
        if (outcome.Caller is not { } caller || !UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(text), out var verified, out _)) return OAuthError.InvalidRequest("the subject token is not valid", outcome.Cause);

        // 3. At most what the subject has, and what is asked of it.
        var permissions = form["scope"] is { } scope ? Scopes.Split(scope) : [.. caller.Permissions.Order(StringComparer.Ordinal)];
        if (!permissions.All(caller.Permissions.Contains)) return new OAuthError("invalid_scope", "more than the subject token gives");
        var remaining = DateTimeOffset.FromUnixTimeSeconds(verified.Claims.ExpiresAt) - clock.GetUtcNow();
        if (remaining < TimeSpan.FromSeconds(1)) return OAuthError.InvalidRequest("the subject token is not valid", "it expires now");

        // 4. The new token. Subjects of outside issuers stand behind their issuer, so that they can't be taken for people of ours; a grant's or
        // session's end reaches this token, too.
        var lifetime = remaining < LongestLifetime ? remaining : LongestLifetime;
        var isOwn = caller.Issuer.Length == 0;
        var access = issuer.Issue(new AccessTokenRequest
        {
            Subject = caller.Label,
            ClientId = request.Client.Id,
            Audience = [audience],
            Lifetime = lifetime,
            Scope = permissions.Length == 0 ? null : string.Join(' ', permissions),
            Permissions = permissions,
            Tenant = caller.Tenant,
            CertificateThumbprint = caller.IsBoundToCertificate ? request.Presented!.Thumbprint.ToArray() : request.Certificate,
            GrantId = isOwn ? verified.Claims.FindString("grant_id"u8) : null,
            SessionId = isOwn ? verified.Claims.FindString("sid"u8) : null,
            Actor = request.Client.Id,
        });
        var set = new TokenSet(access, permissions) { ExpiresIn = (long)lifetime.TotalSeconds, IssuedTokenType = AccessTokenType };
        return GrantReply.Give(set, new Caller(caller.Subject, request.Client.Id, permissions, caller.Issuer));
    }
}
