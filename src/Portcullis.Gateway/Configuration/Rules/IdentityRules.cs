using System.Net;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>The gateway's issuer and the outside ones.</summary>
internal static class IdentityRules
{
    public static void Check(RuleScope scope)
    {
        if (scope.Options.Identity is not { } identity) return;
        CheckIssuer(scope, "identity.issuer", identity.Issuer);

        // RFC 8414 §3: its metadata would stand below the path, and the gateway answers at the root alone.
        if (Uri.TryCreate(identity.Issuer, UriKind.Absolute, out var own) && own.AbsolutePath != "/")
            scope.Error("identity.issuer", $"{Excerpt.Quote(identity.Issuer)} has a path", "write scheme, host and port only: the token service answers at the root of a host");
        if (identity.Audience is "") scope.Error("identity.audience", "is empty", "write the audience that tokens must carry, or remove the key");
        if (identity.AccessToken.Algorithm is not ("RS256" or "ES256"))
            scope.Error("identity.accessToken.algorithm", $"{Excerpt.Quote(identity.AccessToken.Algorithm)} is not offered", "write RS256 or ES256");

        var issuers = new HashSet<string>(StringComparer.Ordinal) { identity.Issuer };
        for (var i = 0; i < identity.ExternalIssuers.Count; i++)
        {
            var external = identity.ExternalIssuers[i];
            var path = $"identity.externalIssuers[{i}]";
            CheckIssuer(scope, path + ".issuer", external.Issuer);
            if (!issuers.Add(external.Issuer)) scope.Error(path + ".issuer", $"{Excerpt.Quote(external.Issuer)} is listed twice", "an issuer stands once, and the gateway's own is not an external one");
            if (external.Audience.Length == 0) scope.Error(path + ".audience", "is empty", "write the audience that tokens for this gateway carry");
            if (external.PermissionsClaim is "") scope.Error(path + ".permissionsClaim", "is empty", "write the name of a claim, or remove the key");
            for (var j = 0; j < external.Permissions.Count; j++)
            {
                if (!PermissionName.IsValid(external.Permissions[j])) scope.Error($"{path}.permissions[{j}]", $"{Excerpt.Quote(external.Permissions[j])} is no permission", "write resource:action, as in orders:read");
            }

            if (external.Jwks is { } jwks && !IsSafe(jwks)) scope.Error(path + ".jwks", "keys would be fetched unencrypted", "use https; http is taken for loopback addresses only");
            if (external.SharedSecret is { } secret)
            {
                // RFC 7518 §3.2.
                if (secret.RevealBytes().Length < JsonWebKeySet.SmallestSharedSecret) scope.Error(path + ".sharedSecret", "is shorter than 32 octets", "make one with: openssl rand -base64 48");
                if (external.Jwks is not null) scope.Error(path + ".jwks", "stands beside sharedSecret", "an issuer has public keys or a shared secret, never both");
                scope.Warning(path + ".sharedSecret", $"whoever has the secret of {Excerpt.Quote(external.Issuer)} can make its tokens, this gateway's operators too", "use RS256 or ES256 where the issuer can");
            }

            ClusterRules.CheckNetwork(scope, path + ".network", external.Network);
        }
    }

    // RFC 8414 §2: https, without query and fragment. http is let through on loopback for development.
    private static void CheckIssuer(RuleScope scope, string path, string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || !issuer.StartsWith(url.Scheme + "://", StringComparison.Ordinal))
            scope.Error(path, $"{Excerpt.Quote(issuer)} is no issuer URL", "write a URL such as https://api.example.com");
        else if (!IsSafe(url))
            scope.Error(path, $"{Excerpt.Quote(issuer)} is not https", "use https; http is taken for loopback addresses only");
        else if (issuer.AsSpan().ContainsAny('?', '#') || url.UserInfo.Length > 0)
            scope.Error(path, $"{Excerpt.Quote(issuer)} has a query, fragment or user name", "write scheme, host and path only");
    }

    private static bool IsSafe(Uri url)
        => url.Scheme == Uri.UriSchemeHttps || url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
