using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>A certificate with its key and the chain that is sent with it.</summary>
internal sealed class ServerCertificate
{
    // Its signature takes a third of a millisecond; twice the length takes six.
    private const int QuickRsaBits = 2048;

    public ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection intermediates, string source)
    {
        Leaf = leaf;
        Intermediates = intermediates;
        Source = source;
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        DnsNames = names is null ? [] : [.. names.EnumerateDnsNames()];
        using var rsa = leaf.GetRSAPublicKey();
        SignsSlowly = rsa is { KeySize: > QuickRsaBits };
    }

    public X509Certificate2 Leaf { get; }

    public X509Certificate2Collection Intermediates { get; }

    /// <summary>
    /// The issuers of the leaf and of each other that came with it, in order (RFC 8446 §4.4.2). Not the root, which clients have, nor what does
    /// not belong to the chain. No handshake ever waits for a download of an intermediate or an OCSP reply.
    /// </summary>
    public IReadOnlyList<X509Certificate2> Chain
    {
        get
        {
            var chain = new List<X509Certificate2>();
            for (var last = Leaf; !CertificateParser.IsSelfIssued(last) && chain.Count < Intermediates.Count; last = chain[^1])
            {
                var issuer = Intermediates.FirstOrDefault(one => one.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData) && !CertificateParser.IsSelfIssued(one));
                if (issuer is null) break;
                chain.Add(issuer);
            }

            return chain;
        }
    }

    /// <summary>The file that it came from.</summary>
    public string Source { get; }

    /// <summary>DNS names of the subject alternative name; the common name is not a host name (RFC 9525 §6.3).</summary>
    public IReadOnlyList<string> DnsNames { get; }

    /// <summary>Whether a signature takes milliseconds.</summary>
    public bool SignsSlowly { get; }

    public CertificateStatus Status => new(Leaf.Subject, DnsNames, new DateTimeOffset(Leaf.NotBefore), new DateTimeOffset(Leaf.NotAfter), Source);

    /// <summary>Another reference to the private key as OpenSSL has it, on Linux.</summary>
    /// <exception cref="CryptographicException">It is of a kind that is not supported.</exception>
    public SafeEvpPKeyHandle DuplicateKey()
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException();
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)Leaf.GetECDsaPrivateKey() ?? Leaf.GetRSAPrivateKey();
        return key switch
        {
            ECDsaOpenSsl ecdsa => ecdsa.DuplicateKeyHandle(),
            RSAOpenSsl rsa => rsa.DuplicateKeyHandle(),
            _ => throw new CryptographicException($"The private key of {Source} is neither RSA nor ECDSA."),
        };
    }
}
