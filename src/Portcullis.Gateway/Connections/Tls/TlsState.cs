using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// A listener's certificates with the handshake settings made of them. Immutable: a reload swaps the whole. Choosing for a handshake
/// allocates nothing.
/// </summary>
internal sealed class TlsState
{
    private readonly TlsHandshakeSettings fallback;
    private readonly FrozenDictionary<string, TlsHandshakeSettings> exact;
    private readonly FrozenDictionary<string, TlsHandshakeSettings>.AlternateLookup<ReadOnlySpan<char>> wildcards;

    private readonly IReadOnlyList<ServerCertificate> served;
    private readonly ListenerOptions options;
    private readonly X509Certificate2Collection? clientAuthorities;
    private readonly string[] leaves;

    private TlsState(IReadOnlyList<ServerCertificate> certificates, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        served = certificates;
        this.options = options;
        this.clientAuthorities = clientAuthorities;
        leaves = [.. certificates.Select(certificate => certificate.Leaf.Thumbprint)];
        Certificates = [.. certificates.Select(certificate => certificate.Status)];
        var exactNames = new Dictionary<string, TlsHandshakeSettings>(StringComparer.OrdinalIgnoreCase);
        var wildcardNames = new Dictionary<string, TlsHandshakeSettings>(StringComparer.OrdinalIgnoreCase);
        TlsHandshakeSettings? first = null;
        foreach (var certificate in certificates)
        {
            var settings = new TlsHandshakeSettings(certificate, options, clientAuthorities);
            first ??= settings;
            foreach (var name in certificate.DnsNames)
            {
                // The first certificate that names a host keeps it.
                if (name.StartsWith("*.", StringComparison.Ordinal)) wildcardNames.TryAdd(name[1..], settings);
                else exactNames.TryAdd(name, settings);
            }
        }

        fallback = first!;
        exact = exactNames.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        wildcards = wildcardNames.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<CertificateStatus> Certificates { get; }

    /// <summary>The certificate of clients that name no known host.</summary>
    public X509Certificate2 Fallback => served[0].Leaf;

    /// <summary>Whether clients can come back by a session ticket.</summary>
    public bool Resumes => fallback.Resumes;

    /// <summary>Whether both serve the same certificates; the development certificate is in no file that a digest would cover.</summary>
    public bool HasSameLeaves(TlsState other) => leaves.AsSpan().SequenceEqual(other.leaves);

    /// <summary>The same with session ticket keys of its own.</summary>
    public TlsState Rekeyed() => new(served, options, clientAuthorities);

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
        state = new TlsState(certificates, options, authorities);
        return true;

        void Add(CertificateOptions certificate)
        {
            if (CertificateParser.Parse(certificate, files, problems) is { } parsed) certificates.Add(parsed);
        }
    }

    /// <summary>The settings for a client that asks for the name: exact match, then wildcard for one label, then the first certificate.</summary>
    public TlsHandshakeSettings Select(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName)) return fallback;
        if (exact.TryGetValue(serverName, out var settings)) return settings;
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && wildcards.TryGetValue(serverName.AsSpan(dot), out settings) ? settings : fallback;
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
