using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>Reads access tokens of the gateway's own for the endpoints that are about tokens: full verification, revocation included, nothing remembered.</summary>
internal sealed class OwnTokens(Lazy<KeyRing> keys, IdentityOptions identity, RevocationList revocations, TimeProvider clock, IEntitlements? entitlements = null)
{
    private TokenVerifier? verifier;

    // Made at first use: a configuration with errors is looked at, too.
    private TokenVerifier Verifier => verifier ??= new TokenVerifier(new TokenRules { Issuer = identity.Issuer, Audiences = [identity.Audience ?? identity.Issuer] }, clock);

    /// <summary>The claims of a token that counts now, whatever it is presented for; null for every other text.</summary>
    public async ValueTask<TokenClaims?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        await revocations.LoadAsync(cancellationToken);
        var result = Verifier.Verify(token, keys.Value.Current.PublicKeys(KeyPurpose.TokenSigning));
        return result.IsValid && !revocations.Contains(RevocationMarks.Of(result.Claims, string.Empty)) ? result.Claims : null;
    }

    /// <summary>The scope of a token that counts, without permissions that its subject or client no longer has; null where it has none.</summary>
    public async ValueTask<string?> ScopeAsync(TokenClaims claims, CancellationToken cancellationToken)
    {
        if (claims.Scope is not { } scope || entitlements is null) return claims.Scope;
        await entitlements.Loaded.WaitAsync(cancellationToken);
        var permissions = Callers.Limit(new Caller(claims.Subject!, claims.ClientId ?? string.Empty, claims.Permissions) { Authentication = claims.FindAuthentication() }, Callers.GranteeOf(claims), entitlements).Permissions;
        var words = Scopes.Split(scope).Where(word => permissions.Contains(word) || !claims.Permissions.Contains(word));
        return string.Join(' ', words);
    }
}
