using System.Text;
using System.Text.Json;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Makes callers of verified claims.</summary>
internal static class Callers
{
    /// <summary>The caller; null where the token has no subject.</summary>
    /// <param name="claims">Claims of a verified token.</param>
    /// <param name="external">The outside issuer, or null for the gateway's own.</param>
    public static Caller? From(TokenClaims claims, ExternalIssuerOptions? external)
    {
        if (string.IsNullOrEmpty(claims.Subject)) return null;

        var clientId = claims.ClientId ?? string.Empty;
        var expires = DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt);
        var isBound = TokenBinding.Of(claims) is not null;
        if (external is null)
        {
            return new Caller(claims.Subject, clientId, claims.Permissions)
            {
                Tenant = TenantName.Of(claims.FindString("tenant"u8)),
                Authentication = claims.FindAuthentication(),
                Roles = claims.Roles,
                SessionId = claims.FindString("sid"u8),
                GrantId = claims.FindString("grant_id"u8),
                Expires = expires,
                IsBoundToCertificate = isBound,
            };
        }

        // Two issuers may use one subject for two people: records, limits and the upstream are told the issuer too.
        var permissions = ExternalPermissions(claims, external);
        if (external.Permissions.Count > 0) permissions = permissions.Where(external.Permissions.Contains);
        return new Caller(claims.Subject, clientId, permissions, external.Issuer)
        {
            Tenant = ExternalTenant(claims, external),
            Authentication = claims.FindAuthentication(),
            Expires = expires,
            IsBoundToCertificate = isBound,
        };
    }

    /// <summary>The client that the token's grant was given to. Null where there is no grant, and where another client acts (RFC 8693 §4.1), which is bounded by the exchange.</summary>
    public static string? GranteeOf(TokenClaims claims)
    {
        if (claims.FindString("grant_id"u8) is null || claims.ClientId is not { } client || client == claims.Subject) return null;
        using var payload = JsonDocument.Parse(claims.Payload);
        return payload.RootElement.TryGetProperty("act", out _) ? null : client;
    }

    /// <summary>
    /// The caller with those of the permissions that subject and grantee have, and of a person's permissions and roles those that their sign-in is strong enough for; the same
    /// caller where that is all of them. A token that is made of it for an upstream would else tell roles that were taken back.
    /// </summary>
    public static Caller Limit(Caller caller, string? grantee, IEntitlements entitlements)
    {
        if (!caller.IsOurs) return caller;

        var subject = entitlements.Of(caller.Subject);
        var client = grantee is null ? null : entitlements.Of(grantee);
        var counting = caller.Authentication.HasSeveralFactors() ? subject : subject.ByOneFactor;
        bool IsHeld(string permission) => counting.Contains(permission) && (client is null || client.Contains(permission));
        if (ReferenceEquals(counting, subject) && caller.Permissions.All(IsHeld) && caller.Roles.All(counting.Roles.Contains)) return caller;
        return caller.WithOnly(
            caller.Permissions.Where(IsHeld),
            [.. caller.Roles.Where(counting.Roles.Contains)],
            ReferenceEquals(counting, subject) ? null : permission => subject.Contains(permission) && (client is null || client.Contains(permission)));
    }

    /// <summary>An issuer speaks for a tenant only where it is written: one that is trusted for one tenant could else name another.</summary>
    private static string ExternalTenant(TokenClaims claims, ExternalIssuerOptions external)
        => external.Tenant is { } fixedTenant ? TenantName.Of(fixedTenant)
            : external.TenantClaim is { } name ? TenantName.Of(claims.FindString(Encoding.UTF8.GetBytes(name))) : string.Empty;

    private static IEnumerable<string> ExternalPermissions(TokenClaims claims, ExternalIssuerOptions external)
        => external.PermissionsClaim is { } name ? Words(claims, name) : claims.Permissions.Count > 0 ? claims.Permissions : Split(claims.Scope);

    private static IEnumerable<string> Words(TokenClaims claims, string name)
    {
        using var payload = JsonDocument.Parse(claims.Payload);
        if (!payload.RootElement.TryGetProperty(name, out var claim)) return [];
        return claim.ValueKind switch
        {
            JsonValueKind.String => Split(claim.GetString()),
            JsonValueKind.Array => [.. claim.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        };
    }

    private static string[] Split(string? words) => words?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
