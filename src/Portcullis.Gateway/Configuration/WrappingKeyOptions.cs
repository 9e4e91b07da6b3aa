using System.ComponentModel;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Configuration;

/// <summary>Where the key comes from that protects the wrapping key. At most one.</summary>
public sealed record WrappingKeyOptions
{
    [Description("File outside the data directory, of mode 0600, that holds 32 random bytes in base64: openssl rand -base64 32")]
    [FilePath]
    public string? File { get; init; }

    [Description("Name of a credential that systemd hands over (LoadCredential), with 32 random bytes in base64")]
    public string? Credential { get; init; }

    [Description("Name of an environment variable that holds 32 random bytes in base64")]
    public string? Environment { get; init; }

    [Description("Passphrase of at least 12 characters, stretched by PBKDF2-HMAC-SHA-512")]
    public Secret? Passphrase { get; init; }
}
