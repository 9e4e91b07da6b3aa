using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>What SslStream is told for a handshake with one certificate, ready made and shared by all.</summary>
internal sealed class TlsHandshakeSettings
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // RFC 9325 §4.2: forward secrecy and authenticated encryption only.
    private static readonly TlsCipherSuite[] AllowedSuites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    public TlsHandshakeSettings(ServerCertificate certificate, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        var tls = options.Tls!;
        var trust = clientAuthorities is null ? null : SslCertificateTrust.CreateForX509Collection(clientAuthorities, sendTrustInHandshake: true);
        Options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context(trust),
            EnabledSslProtocols = tls.MinimumVersion == TlsVersion.Tls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
            ApplicationProtocols = ApplicationProtocols(options),
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        };

        // .NET gives up resuming sessions where a policy is set, so it is set only where TLS 1.2 needs it: all suites of TLS 1.3 are fine.
        if (tls.MinimumVersion == TlsVersion.Tls12 && !OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid())
            Options.CipherSuitesPolicy = Suites();

        if (clientAuthorities is null) return;

        // A resumed session skips the client's certificate, and would outlive a change of the authorities.
        Options.AllowTlsResume = false;
        Options.ClientCertificateRequired = true;
        Options.CertificateChainPolicy = ChainPolicy(clientAuthorities);
        Options.RemoteCertificateValidationCallback = tls.ClientCertificate == ClientCertificateMode.Required
            ? static (_, presented, _, errors) => presented is not null && errors == SslPolicyErrors.None
            : static (_, presented, _, errors) => presented is null || errors == SslPolicyErrors.None;
    }

    public SslServerAuthenticationOptions Options { get; }

    /// <summary>Whether clients can come back by a session ticket.</summary>
    public bool Resumes => Options.AllowTlsResume && Options.CipherSuitesPolicy is null;

    [UnsupportedOSPlatform("windows")]
    [UnsupportedOSPlatform("android")]
    private static CipherSuitesPolicy Suites() => new(AllowedSuites);

    private static List<SslApplicationProtocol> ApplicationProtocols(ListenerOptions options)
    {
        // In order of preference: HTTP/2 first.
        var protocols = new List<SslApplicationProtocol>(2);
        if (options.Protocols.Contains(HttpVersionName.Http2)) protocols.Add(SslApplicationProtocol.Http2);
        if (options.Protocols.Contains(HttpVersionName.Http1)) protocols.Add(SslApplicationProtocol.Http11);
        return protocols;
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };

        // Only self-signed ones can end a chain; intermediates of the file help to build it.
        policy.CustomTrustStore.AddRange(authorities.Where(CertificateParser.IsSelfIssued).ToArray());
        policy.ExtraStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }
}
