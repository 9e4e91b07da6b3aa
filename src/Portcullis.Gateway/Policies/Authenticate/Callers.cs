using System.Text;
using System.Text.Json;
using Portcullis.Gateway.Configuration;
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
