using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>Shakes hands with .NET's SslStream, where there is no OpenSSL 3.</summary>
internal sealed class FrameworkAcceptor : TlsAcceptor
{
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

    private readonly ServerNames<SslServerAuthenticationOptions> settings;

    public FrameworkAcceptor(IReadOnlyList<ServerCertificate> certificates, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
        => settings = new ServerNames<SslServerAuthenticationOptions>(certificates, certificate => Settings(certificate, options, clientAuthorities));

    public override async ValueTask<SecureChannel?> AcceptAsync(LoopSocket socket, ReadOnlyMemory<byte> early, TicketKeys keys, ILogger logger, CancellationToken cancellationToken)
    {
        var network = new LoopStream(socket, early) { ResumesInPool = true };
        var tls = new SslStream(network, leaveInnerStreamOpen: false);
        try
        {
            // What was received with a PROXY header would otherwise be worked on here.
            if (!early.IsEmpty) await PoolTurn.TakeAsync();
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => new(settings.Select(hello.ServerName)), null, cancellationToken);
            network.ResumesInPool = false;
            return new FrameworkChannel(tls, network);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static SslServerAuthenticationOptions Settings(ServerCertificate certificate, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        var tls = options.Tls!;
        var trust = clientAuthorities is null ? null : SslCertificateTrust.CreateForX509Collection(clientAuthorities, sendTrustInHandshake: true);
        var made = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Intermediates, offline: true, trust),
            EnabledSslProtocols = tls.MinimumVersion == TlsVersion.Tls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
            ApplicationProtocols = [.. new ApplicationProtocols(options).All],
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,

            // On Linux .NET never replaces its ticket keys; elsewhere they are the system's. A resumed session skips the client's certificate.
            AllowTlsResume = !OperatingSystem.IsLinux() && clientAuthorities is null,
        };
        if (tls.MinimumVersion == TlsVersion.Tls12 && !OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid()) made.CipherSuitesPolicy = Suites();
        if (clientAuthorities is null) return made;

        made.ClientCertificateRequired = true;
        made.CertificateChainPolicy = new ClientTrust(clientAuthorities).CreatePolicy();
        made.RemoteCertificateValidationCallback = tls.ClientCertificate == ClientCertificateMode.Required
            ? static (_, presented, _, errors) => presented is not null && errors == SslPolicyErrors.None
            : static (_, presented, _, errors) => presented is null || errors == SslPolicyErrors.None;
        return made;
    }

    [UnsupportedOSPlatform("windows")]
    [UnsupportedOSPlatform("android")]
    private static CipherSuitesPolicy Suites() => new(AllowedSuites);
}
