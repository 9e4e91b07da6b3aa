using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>A certificate and its key, as files that are read again when they change.</summary>
public sealed record CertificateOptions
{
    [Description("PEM file with the certificate and its intermediates, leaf first, or a .pfx file.")]
    [FilePath]
    public required string Certificate { get; init; }

    [Description("PEM file with the private key; not used with a .pfx file.")]
    [FilePath]
    public string? PrivateKey { get; init; }

    [Description("File that holds the password of the .pfx file or of the encrypted PEM key.")]
    [FilePath]
    public string? PasswordFile { get; init; }
}
