using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Callers that are known by certificates, and the tenants of outside issuers.</summary>
internal static class CertificateCallerRules
{
    private const int MostEntries = 1000;
    private const int MostCharacters = 64;
    private const string TenantHint = "use 1 to 63 letters, digits, hyphens and underscores";

    public static void Check(RuleScope scope)
    {
        if (scope.Options.Identity is not { } identity) return;
        if (identity.Certificates.Count > MostEntries) scope.Error("identity.certificates", $"{identity.Certificates.Count} certificates are mapped", $"map at most {MostEntries}");

        var callers = new Dictionary<string, CertificateCallerOptions>(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < identity.Certificates.Count; i++)
        {
            var entry = identity.Certificates[i];
            var path = $"identity.certificates[{i}]";
            CheckCaller(scope, path, entry, callers);
            CheckName(scope, path, entry, names);
        }

        for (var i = 0; i < identity.ExternalIssuers.Count; i++) CheckTenant(scope, $"identity.externalIssuers[{i}]", identity.ExternalIssuers[i]);
    }

    private static void CheckCaller(RuleScope scope, string path, CertificateCallerOptions entry, Dictionary<string, CertificateCallerOptions> callers)
    {
        if (entry.Caller.Length is 0 or > MostCharacters || !entry.Caller.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
            scope.Error(path + ".caller", $"{Excerpt.Quote(entry.Caller)} is no name of a caller", $"use up to {MostCharacters} letters, digits, dots, hyphens and underscores");
        else if (Guid.TryParseExact(entry.Caller, "N", out _))
            scope.Error(path + ".caller", $"{Excerpt.Quote(entry.Caller)} has the form of a person's subject", "choose another name");

        if (!callers.TryAdd(entry.Caller, entry) && (callers[entry.Caller].Tenant != entry.Tenant || !callers[entry.Caller].Permissions.ToHashSet(StringComparer.Ordinal).SetEquals(entry.Permissions)))
            scope.Error(path + ".caller", $"{Excerpt.Quote(entry.Caller)} has another tenant or other permissions than above", "write them alike: a caller is one, by whatever certificate");
        if (entry.Tenant is { } tenant && !TenantName.IsValid(tenant)) scope.Error(path + ".tenant", $"{Excerpt.Quote(tenant)} is no name of a tenant", TenantHint);
        for (var j = 0; j < entry.Permissions.Count; j++)
        {
            if (!PermissionName.IsValid(entry.Permissions[j])) scope.Error($"{path}.permissions[{j}]", $"{Excerpt.Quote(entry.Permissions[j])} is no permission", "write resource:action, as in orders:read");
        }
    }

    private static void CheckName(RuleScope scope, string path, CertificateCallerOptions entry, Dictionary<string, string> names)
    {
        var written = new[] { ("subject", entry.Subject), ("san", entry.San), ("fingerprint", entry.Fingerprint) }.Where(one => one.Item2 is not null || scope.IsWritten($"{path}.{one.Item1}")).ToList();
        if (written.Count != 1)
        {
            scope.Error(path, written.Count == 0 ? "names no certificate" : "names a certificate in several ways", "write one of subject, san and fingerprint");
            return;
        }

        var key = $"{path}.{written[0].Item1}";
        if (!CertificateName.TryParse(entry.Name, out var name, out var problem)) scope.Error(key, $"{Excerpt.Quote(written[0].Item2 ?? string.Empty)} {(entry.Name.Length == 0 ? "is of no known kind: write dns: or uri: and the name" : problem)}", "see docs/configuration/identity.md");
        else if (!names.TryAdd(name.Key, entry.Caller)) scope.Error(key, names[name.Key] == entry.Caller ? "is written twice" : $"is already the certificate of {Excerpt.Quote(names[name.Key])}", "a certificate is one caller's");
    }

    private static void CheckTenant(RuleScope scope, string path, ExternalIssuerOptions issuer)
    {
        if (issuer.Tenant is { } tenant && !TenantName.IsValid(tenant)) scope.Error(path + ".tenant", $"{Excerpt.Quote(tenant)} is no name of a tenant", TenantHint);
        if (issuer.TenantClaim is "") scope.Error(path + ".tenantClaim", "is empty", "write the name of a claim, or remove the key");
        if (issuer is { Tenant: not null, TenantClaim: not null }) scope.Error(path + ".tenantClaim", "stands beside tenant", "an issuer speaks for one tenant, or names it in a claim");
        else if (issuer.TenantClaim is { Length: > 0 }) scope.Warning(path + ".tenantClaim", $"{Excerpt.Quote(issuer.Issuer)} can name any tenant", "write tenant: NAME where it speaks for one alone");
    }
}
