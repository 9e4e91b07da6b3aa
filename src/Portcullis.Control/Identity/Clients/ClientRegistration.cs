using System.Text.RegularExpressions;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Control.Identity.Clients;

/// <summary>Judges what an operator wants to register (RFC 6749 §2; RFC 8252; RFC 9700 §2). What passes fits into the database.</summary>
public static partial class ClientRegistration
{
    /// <summary>Most redirect URIs, and most audiences, of one client.</summary>
    public const int MostUris = 16;

    private const int LongestUri = 1000;
    private const int LongestAudience = 250;
    private const int LongestPermissions = 16 * 1024;

    private static readonly string[] KnownGrants = [GrantNames.ClientCredentials, GrantNames.AuthorizationCode, GrantNames.RefreshToken, GrantNames.TokenExchange];

    /// <summary>Null where the client may be registered; otherwise the first thing that is wrong.</summary>
    public static ClientDefect? Judge(OAuthClient client) => JudgeId(client.Id) ?? JudgePermissions(client.Permissions) ?? JudgeGrants(client) ?? JudgeRedirects(client) ?? JudgeExchange(client) ?? JudgeProof(client) ?? JudgeTenant(client.Tenant);

    private static ClientDefect? JudgeId(string id)
    {
        if (!Name().IsMatch(id)) return new($"'{id}' is no client id", "use 1 to 64 letters, digits, dots, hyphens and underscores");

        // A client's own tokens have its id as their subject.
        return Guid.TryParseExact(id, "N", out _) ? new($"'{id}' could be taken for a person", "choose an id that is not 32 hexadecimal digits") : null;
    }

    private static ClientDefect? JudgePermissions(IReadOnlyList<string> permissions)
    {
        if (permissions.FirstOrDefault(permission => !PermissionName.IsValid(permission)) is { } wrong) return new($"'{wrong}' is no permission", "write resource:action, as in orders:read");
        return permissions.Sum(permission => permission.Length + 1) > LongestPermissions ? new("that are too many permissions", "16 KiB of them are the most; two clients may share the work") : null;
    }

    private static ClientDefect? JudgeGrants(OAuthClient client)
    {
        if (client.Grants.FirstOrDefault(grant => !KnownGrants.Contains(grant)) is { } wrong) return new($"'{wrong}' is no grant", "use client_credentials, authorization_code, refresh_token or token_exchange");
        if (client.Grants.Count == 0) return new("the client could do nothing", "name a --grant");
        if (client.Grants.Contains(GrantNames.RefreshToken) && !client.Grants.Contains(GrantNames.AuthorizationCode))
            return new("there is nothing to refresh without --grant authorization_code", "a client that acts for itself asks for a new token by its credentials");
        if (client.Authentication != ClientAuthenticationMethod.None) return null;

        // RFC 6749 §4.4: whoever says a public client's name is that client.
        if (client.Grants.Contains(GrantNames.ClientCredentials)) return new("a public client can't act for itself: everybody could say its name", "use --grant authorization_code, or leave --public out");
        return client.Grants.Contains(GrantNames.TokenExchange) ? new("a public client can't exchange tokens: everybody could say its name", "leave --public out") : null;
    }

    private static ClientDefect? JudgeRedirects(OAuthClient client)
    {
        var forPeople = client.Grants.Contains(GrantNames.AuthorizationCode);
        if (forPeople && client.RedirectUris.Count == 0) return new("--grant authorization_code needs to know where codes may be sent", "name each --redirect-uri");
        if (!forPeople && client.RedirectUris.Count > 0) return new("--redirect-uri is for --grant authorization_code alone", "add the grant, or leave the address out");
        if (client.RedirectUris.Count > MostUris) return new($"more than {MostUris} redirect URIs", "register another client");
        return client.RedirectUris.Select(RedirectUri.Judge).FirstOrDefault(defect => defect is not null);
    }

    private static ClientDefect? JudgeExchange(OAuthClient client)
    {
        var exchanges = client.Grants.Contains(GrantNames.TokenExchange);
        if (exchanges && client.ExchangeAudiences.Count == 0) return new("--grant token_exchange needs to know for whom", "name each --exchange-audience");
        if (!exchanges && client.ExchangeAudiences.Count > 0) return new("--exchange-audience is for --grant token_exchange alone", "add the grant, or leave the audience out");
        if (client.ExchangeAudiences.Count > MostUris) return new($"more than {MostUris} audiences", "register another client");
        return client.ExchangeAudiences.FirstOrDefault(audience => audience.Length is 0 or > LongestAudience || audience.Any(character => character is <= ' ' or >= '\x7f')) is { } wrong
            ? new($"'{wrong}' is no audience", $"write the name of an upstream without spaces, at most {LongestAudience} characters")
            : null;
    }

    private static ClientDefect? JudgeProof(OAuthClient client)
    {
        var hasKeys = !client.Keys.IsEmpty || client.KeysUri is not null;
        if (hasKeys != (client.Authentication == ClientAuthenticationMethod.PrivateKeyJwt) || client.Certificate is not null != (client.Authentication == ClientAuthenticationMethod.Certificate))
            return new("a client has one way to prove itself", "use one of --public, --key, --keys-uri and --certificate, or none of them for a secret");
        if (client.Certificate is { } certificate && !CertificateName.TryParse(certificate, out _, out var problem)) return new($"'{certificate}' {problem}", "as in dns:service.example.com; for a fingerprint: openssl x509 -in FILE -noout -fingerprint -sha256");
        if (!hasKeys) return null;
        if (client.Keys.IsEmpty == client.KeysUri is null) return new("a client's keys are registered or published, and not both", "use one of --key and --keys-uri");
        if (client.KeysUri is not { } uri) return null;
        var isSafe = uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
        return isSafe && uri.AbsoluteUri.Length <= LongestUri ? null : new("--keys-uri is no https address of a JWKS", "write https://host/path, without a name, password or fragment");
    }

    private static ClientDefect? JudgeTenant(string? tenant)
        => tenant is null || TenantName.IsValid(tenant) ? null : new($"'{tenant}' is no name of a tenant", "use 1 to 63 letters, digits, hyphens and underscores");

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
