using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// A listener's certificates with what shakes hands with them. Immutable: a reload swaps the whole.
/// </summary>
internal sealed class TlsState
{
    private readonly string[] leaves;

    private TlsState(IReadOnlyList<ServerCertificate> certificates, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        leaves = [.. certificates.Select(certificate => certificate.Leaf.Thumbprint)];
        Certificates = [.. certificates.Select(certificate => certificate.Status)];
        Acceptor = TlsAcceptor.Create(certificates, options, clientAuthorities);
    }

    public IReadOnlyList<CertificateStatus> Certificates { get; }

    /// <summary>Shakes hands with them.</summary>
    public TlsAcceptor Acceptor { get; }

    /// <summary>Whether both serve the same certificates; the development certificate is in no file that a digest would cover.</summary>
    public bool HasSameLeaves(TlsState other) => leaves.AsSpan().SequenceEqual(other.leaves);

    /// <summary>Builds the state, or says everything that stands in its way.</summary>
    public static bool TryBuild(
        ListenerOptions options,
        CertificateFiles files,
        Func<X509Certificate2>? development,
        DateTimeOffset now,
        [NotNullWhen(true)] out TlsState? state,
        List<string> problems,
        List<string> warnings)
    {
        state = null;
        var tls = options.Tls!;
        var certificates = new List<ServerCertificate>();
        if (tls.Certificate is { } main)
        {
            Add(new CertificateOptions { Certificate = main, PrivateKey = tls.PrivateKey, PasswordFile = tls.PasswordFile });
        }
        else if (tls.PrivateKey is not null || tls.PasswordFile is not null)
        {
            problems.Add("privateKey and passwordFile say nothing without certificate");
        }
        else if (tls.AdditionalCertificates.Count == 0)
        {
            if (development is null) problems.Add("no certificate is named, and no development certificate is available");
            else certificates.Add(new ServerCertificate(development(), [], "the development certificate"));
        }

        foreach (var further in tls.AdditionalCertificates) Add(further);

        X509Certificate2Collection? authorities = null;
        if (tls.ClientCertificate != ClientCertificateMode.None)
        {
            if (tls.ClientCa is null) problems.Add("clientCertificate needs clientCa: the authorities that client certificates must come from");
            else authorities = CertificateParser.ParseAuthorities(tls.ClientCa, files, problems);
        }

        if (problems.Count > 0) return false;
        foreach (var certificate in certificates) Judge(certificate, now, warnings);
        try
        {
            state = new TlsState(certificates, options, authorities);
            return true;
        }
        catch (CryptographicException exception)
        {
            problems.Add(exception.Message);
            return false;
        }

        void Add(CertificateOptions certificate)
        {
            if (CertificateParser.Parse(certificate, files, problems) is { } parsed) certificates.Add(parsed);
        }
    }

    private static void Judge(ServerCertificate certificate, DateTimeOffset now, List<string> warnings)
    {
        var status = certificate.Status;
        if (status.NotAfter <= now) warnings.Add($"certificate {status.Subject} from {status.Source} expired on {status.NotAfter:u}");
        else if (status.NotAfter - now < TimeSpan.FromDays(14)) warnings.Add($"certificate {status.Subject} from {status.Source} expires on {status.NotAfter:u}");
        if (status.NotBefore > now) warnings.Add($"certificate {status.Subject} from {status.Source} is not valid before {status.NotBefore:u}");
        if (status.DnsNames.Count == 0) warnings.Add($"certificate {status.Subject} from {status.Source} names no host in its subject alternative name");
        using var rsa = certificate.Leaf.GetRSAPublicKey();
        if (rsa is { KeySize: < 2048 }) warnings.Add($"certificate {status.Subject} from {status.Source} has an RSA key of {rsa.KeySize} bits; 2048 is the least (RFC 9325 §4.3)");
    }
}
