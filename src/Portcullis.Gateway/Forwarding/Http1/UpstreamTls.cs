using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Makes the one set of TLS options that all connections of a transport share, which is what lets the platform resume
/// their sessions.
/// </summary>
internal static class UpstreamTls
{
    // id-kp-serverAuth, RFC 5280 §4.2.1.12.
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads the files named and makes the options.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="CryptographicException">A file holds no usable certificate or key.</exception>
    /// <param name="options">As configured.</param>
    /// <param name="host">Host of the destination's URL.</param>
    public static SslClientAuthenticationOptions Create(UpstreamTlsOptions options, string host)
    {
        var made = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ChainPolicy(options.Ca),
            AllowTlsResume = true,
            AllowRenegotiation = false,
        };
        if (options.Certificate is { } certificate)
        {
            made.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(certificate, options.PrivateKey), IntermediatesOf(certificate), offline: true);
        }

#pragma warning disable CA5359 // What the option's name says; it is warned about at every start.
        if (options.DangerouslyAcceptAnyCertificate)
            made.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return made;
    }

    // Downloads would block the thread within the handshake, and let a certificate make the gateway open connections.
    private static X509ChainPolicy ChainPolicy(string? authorities)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (authorities is null)
            return policy;

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.ImportFromPemFile(authorities);
        if (policy.CustomTrustStore.Count == 0)
            throw new CryptographicException($"{authorities} holds no certificate.");
        return policy;
    }

    // A chain file begins with the certificate itself.
    private static X509Certificate2Collection IntermediatesOf(string path)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);
        if (chain.Count > 0)
            chain.RemoveAt(0);
        return chain;
    }
}
