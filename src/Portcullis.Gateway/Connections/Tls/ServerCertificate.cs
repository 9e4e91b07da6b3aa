using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>A certificate with its key and the chain that is sent with it.</summary>
internal sealed class ServerCertificate
{
    public ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates, string source)
    {
        Leaf = leaf;
        Intermediates = intermediates;
        Source = source;
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        DnsNames = names is null ? [] : [.. names.EnumerateDnsNames()];
    }

    public X509Certificate2 Leaf { get; }

    public X509Certificate2Collection Intermediates { get; }

    /// <summary>The file that it came from.</summary>
    public string Source { get; }

    /// <summary>DNS names of the subject alternative name; the common name is not a host name (RFC 9525 §6.3).</summary>
    public IReadOnlyList<string> DnsNames { get; }

    public CertificateStatus Status => new(Leaf.Subject, DnsNames, new DateTimeOffset(Leaf.NotBefore), new DateTimeOffset(Leaf.NotAfter), Source);

    /// <summary>
    /// A context for handshakes, with session ticket keys of its own. Built once: it holds the chain, and no handshake ever waits for a
    /// download of an intermediate or an OCSP reply.
    /// </summary>
    /// <param name="clientAuthorities">The authorities that clients are told of.</param>
    public SslStreamCertificateContext Context(SslCertificateTrust? clientAuthorities)
        => SslStreamCertificateContext.Create(OperatingSystem.IsLinux() ? new RekeyedCertificate(Leaf) : Leaf, Intermediates, offline: true, clientAuthorities);
}
