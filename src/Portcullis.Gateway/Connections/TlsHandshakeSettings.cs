using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections;

/// <summary>What SslStream is told for a handshake with one certificate, ready made for either version of TLS.</summary>
internal sealed class TlsHandshakeSettings
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // RFC 9325 §4.2: forward secrecy and authenticated encryption only.
    private static readonly TlsCipherSuite[] Tls12Suites =
    [
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private readonly SslServerAuthenticationOptions tls13;
    private readonly SslServerAuthenticationOptions? tls12;

    public TlsHandshakeSettings(ServerCertificate certificate, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        X509Certificate2[] roots = clientAuthorities is null ? [] : [.. clientAuthorities.Where(IsSelfIssued)];
        var trust = clientAuthorities is null ? null : SslCertificateTrust.CreateForX509Collection(clientAuthorities, sendTrustInHandshake: true);
        var context = certificate.Context(trust);
        tls13 = Build(SslProtocols.Tls13);
        if (options.Tls!.MinimumVersion == TlsVersion.Tls12)
        {
            tls12 = Build(SslProtocols.Tls12);
            if (!OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid()) tls12.CipherSuitesPolicy = Tls12Policy();
        }

        SslServerAuthenticationOptions Build(SslProtocols protocols)
        {
            var built = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                EnabledSslProtocols = protocols,
                ApplicationProtocols = ApplicationProtocols(options),
                AllowRenegotiation = false,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            };
            if (clientAuthorities is null) return built;

            // A resumed session skips the client's certificate, and would outlive a change of the authorities.
            built.AllowTlsResume = false;
            built.ClientCertificateRequired = true;
            built.CertificateChainPolicy = ChainPolicy(roots, clientAuthorities);
            built.RemoteCertificateValidationCallback = options.Tls!.ClientCertificate == ClientCertificateMode.Required
                ? static (_, presented, _, errors) => presented is not null && errors == SslPolicyErrors.None
                : static (_, presented, _, errors) => presented is null || errors == SslPolicyErrors.None;
            return built;
        }
    }

    /// <summary>
    /// The settings for a client that offers these versions. One set of settings for each version, because .NET gives up caching and
    /// resumption of sessions where a cipher suite policy is set, and only TLS 1.2 needs one.
    /// </summary>
    public SslServerAuthenticationOptions For(SslProtocols offered)
        => tls12 is null || offered.HasFlag(SslProtocols.Tls13) ? tls13 : tls12;

    [UnsupportedOSPlatform("windows")]
    [UnsupportedOSPlatform("android")]
    private static CipherSuitesPolicy Tls12Policy() => new(Tls12Suites);

    private static List<SslApplicationProtocol> ApplicationProtocols(ListenerOptions options)
    {
        // In order of preference: HTTP/2 first.
        var protocols = new List<SslApplicationProtocol>(2);
        if (options.Protocols.Contains(HttpVersionName.Http2)) protocols.Add(SslApplicationProtocol.Http2);
        if (options.Protocols.Contains(HttpVersionName.Http1)) protocols.Add(SslApplicationProtocol.Http11);
        return protocols;
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2[] roots, X509Certificate2Collection all)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ExtraStore.AddRange(all);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    private static bool IsSelfIssued(X509Certificate2 certificate)
        => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
