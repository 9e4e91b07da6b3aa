using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Tls;

/// <summary>How https destinations of a cluster are verified, with its files loaded. Immutable.</summary>
/// <remarks>
/// Names are verified by RFC 9525 against <c>serverName</c> or the host of the URL, never against what a client sent.
/// Revocation is not looked up: private authorities mostly publish none, and a fetch in the handshake is a way to stall it.
/// </remarks>
internal sealed class UpstreamTls
{
    private readonly UpstreamTlsOptions options;
    private readonly X509Certificate2Collection? authorities;
    private readonly SslStreamCertificateContext? clientCertificate;

    private UpstreamTls(UpstreamTlsOptions options, X509Certificate2Collection? authorities, SslStreamCertificateContext? clientCertificate)
    {
        this.options = options;
        this.authorities = authorities;
        this.clientCertificate = clientCertificate;
        Fingerprint = string.Join(
            '|',
            options.ServerName,
            options.DangerouslyAcceptAnyCertificate,
            authorities is null ? "system" : string.Join(',', authorities.Select(certificate => certificate.GetCertHashString(HashAlgorithmName.SHA256))),
            clientCertificate?.TargetCertificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    /// <summary>Equal for equal settings and equal contents of the files: a renewed certificate changes it.</summary>
    public string Fingerprint { get; }

    /// <summary>Loads the files.</summary>
    /// <param name="options">Paths and names.</param>
    /// <param name="directory">Where relative paths start; null: the working directory.</param>
    /// <param name="tls">The result.</param>
    /// <param name="key">The option at fault.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryLoad(
        UpstreamTlsOptions options,
        string? directory,
        [NotNullWhen(true)] out UpstreamTls? tls,
        [NotNullWhen(false)] out string? key,
        [NotNullWhen(false)] out string? error)
    {
        tls = null;
        X509Certificate2Collection? trusted = null;
        SslStreamCertificateContext? client = null;
        key = "ca";
        try
        {
            if (options.Ca is not null)
            {
                trusted = [];
                trusted.ImportFromPemFile(Resolve(options.Ca, directory));
                if (trusted.Count == 0)
                {
                    error = $"{options.Ca} holds no certificate";
                    return false;
                }
            }

            key = "certificate";
            if (options.Certificate is null != options.PrivateKey is null)
            {
                error = "certificate and privateKey belong together";
                return false;
            }

            if (options.Certificate is not null) client = LoadClientCertificate(Resolve(options.Certificate, directory), Resolve(options.PrivateKey!, directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            error = e.Message;
            return false;
        }

        tls = new UpstreamTls(options, trusted, client);
        key = error = null;
        return true;
    }

    /// <summary>Options of one handshake.</summary>
    /// <param name="host">The host of the destination's URL.</param>
    /// <param name="protocol">The only protocol offered by ALPN (RFC 7301).</param>
    public SslClientAuthenticationOptions Handshake(string host, SslApplicationProtocol protocol)
    {
        var handshake = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName(host),
            ApplicationProtocols = [protocol],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = ChainPolicy(authorities),
            AllowRenegotiation = false,
            ClientCertificateContext = clientCertificate,
        };
        if (options.DangerouslyAcceptAnyCertificate)
        {
#pragma warning disable CA5359 // The operator asked for it by a frank name; it is warned about at every start.
            handshake.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handshake;
    }

    /// <summary>
    /// How chains of servers are built: without asking anyone. A certificate names URLs where its issuer's is to be found (RFC 5280
    /// §4.2.2.1), and following them would let whoever answers a handshake choose what the gateway fetches, past all network rules.
    /// </summary>
    /// <param name="authorities">Who is trusted; null: whom the system trusts.</param>
    public static X509ChainPolicy ChainPolicy(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        if (authorities is null) return policy;

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>The name sent by SNI and expected in the certificate.</summary>
    public string ServerName(string host) => options.ServerName ?? host;

    private static string Resolve(string path, string? directory) => directory is null ? path : Path.GetFullPath(path, directory);

    private static SslStreamCertificateContext LoadClientCertificate(string certificateFile, string keyFile)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        if (chain.Count > 0) chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }
}
