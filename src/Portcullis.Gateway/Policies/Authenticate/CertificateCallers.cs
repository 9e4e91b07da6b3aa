using System.Collections.Frozen;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The callers of <c>identity.certificates</c> by the names of their certificates. Immutable; a look-up allocates nothing.</summary>
internal sealed class CertificateCallers
{
    private readonly FrozenDictionary<string, Caller> callers;

    /// <param name="entries">Entries that the rules of the configuration found good; others are left out.</param>
    public CertificateCallers(IEnumerable<CertificateCallerOptions> entries)
    {
        // One caller is one object, by however many certificates it may come.
        var byName = new Dictionary<string, Caller>(StringComparer.Ordinal);
        var byKey = new Dictionary<string, Caller>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!CertificateName.TryParse(entry.Name, out var name, out _)) continue;
            if (!byName.TryGetValue(entry.Caller, out var caller))
                byName[entry.Caller] = caller = new Caller(entry.Caller, entry.Caller, entry.Permissions) { Tenant = TenantName.Of(entry.Tenant) };
            byKey.TryAdd(name.Key, caller);
        }

        callers = byKey.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The caller; null, and a cause for logs, where its names are nobody's or two callers'.</summary>
    public Caller? Find(ShownCertificate certificate, out string? cause)
    {
        Caller? found = null;
        foreach (var key in certificate.Keys)
        {
            if (!callers.TryGetValue(key, out var caller) || ReferenceEquals(caller, found)) continue;
            if (found is not null)
            {
                cause = $"the certificate is that of {found.Subject} and of {caller.Subject}";
                return null;
            }

            found = caller;
        }

        cause = found is null ? "the certificate is nobody's" : null;
        return found;
    }
}
