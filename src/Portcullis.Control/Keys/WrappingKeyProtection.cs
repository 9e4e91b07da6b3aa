using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Keys;

/// <summary>What <c>keys.wrappingKey</c> names, read from where it is kept.</summary>
public static class WrappingKeyProtection
{
    /// <summary>The key that protects the wrapping key; null where its file's mode alone does.</summary>
    /// <exception cref="KeyRingException">The source is missing, or open to others, or holds no key.</exception>
    public static IKeyEncryptionKey? From(WrappingKeyOptions options) => options switch
    {
        { File: { } file } => SecretEncryptionKey.FromFile(file),
        { Credential: { } name } => SecretEncryptionKey.FromCredential(name, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY")),
        { Environment: { } name } => SecretEncryptionKey.FromEnvironment(name, Environment.GetEnvironmentVariable(name)),
        { Passphrase: { } passphrase } => new PassphraseEncryptionKey(passphrase),
        _ => null,
    };
}
