using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// How a listener speaks TLS. <c>tls: {}</c> serves the development certificate, which no client trusts unless told to.
/// Files are watched: a new certificate is used for the next handshake, and a bad one leaves the last good one in use.
/// </summary>
public sealed record TlsOptions
{
    [Description("PEM file with the certificate and its intermediates, leaf first, or a .pfx file; omitted: a development certificate.")]
    [FilePath]
    public string? Certificate { get; init; }

    [Description("PEM file with the private key; not used with a .pfx file.")]
    [FilePath]
    public string? PrivateKey { get; init; }

    [Description("File that holds the password of the .pfx file or of the encrypted PEM key.")]
    [FilePath]
    public string? PasswordFile { get; init; }

    [Description("Further certificates, chosen by the server name that the client asks for: exact name first, then wildcard.")]
    public IReadOnlyList<CertificateOptions> AdditionalCertificates { get; init; } = [];

    [Description("Lowest TLS version: \"1.3\", or \"1.2\" to let in old clients, with ECDHE and AEAD suites only, and without session resumption for those.")]
    public TlsVersion MinimumVersion { get; init; } = TlsVersion.Tls13;

    [Description("Whether clients are asked for a certificate: none, optional or required.")]
    public ClientCertificateMode ClientCertificate { get; init; } = ClientCertificateMode.None;

    [Description("PEM file with the authorities that client certificates must come from; needed when they are asked for.")]
    [FilePath]
    public string? ClientCa { get; init; }

    [Description("Longest time for a TLS handshake.")]
    [Between("100ms", "10m")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
