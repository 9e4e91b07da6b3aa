using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>A caller that is known by a client certificate. Exactly one of subject, san and fingerprint says which.</summary>
public sealed record CertificateCallerOptions
{
    [Description("Name of the caller: what records, limits and upstreams are told. Entries of one name are one caller, with the same permissions and tenant.")]
    public required string Caller { get; init; }

    [Description("The certificate's whole subject, most specific part first, as CN=orders, O=Example. Every part is compared exactly.")]
    public string? Subject { get; init; }

    [Description("A name of its subject alternative name, as dns:orders.internal or uri:spiffe://example.org/orders. No patterns.")]
    public string? San { get; init; }

    [Description("SHA-256 of the certificate, as 64 hexadecimal digits.")]
    public string? Fingerprint { get; init; }

    [Description("Permissions resource:action of the caller. Default: none")]
    public IReadOnlyList<string> Permissions { get; init; } = [];

    [Description("Tenant that the caller belongs to. Default: none")]
    public string? Tenant { get; init; }

    /// <summary>The certificate's name as <see cref="Identity.Certificates.CertificateName"/> reads it; empty where not exactly one is written.</summary>
    internal string Name => (Subject, San, Fingerprint) switch
    {
        ({ } subject, null, null) => "subject:" + subject,
        (null, { } san, null) when san.StartsWith("dns:", StringComparison.Ordinal) || san.StartsWith("uri:", StringComparison.Ordinal) => san,
        (null, null, { } fingerprint) => "fingerprint:" + fingerprint,
        _ => string.Empty,
    };
}
