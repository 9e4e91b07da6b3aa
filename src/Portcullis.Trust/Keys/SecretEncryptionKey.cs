using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// A key-encryption key of 32 random bytes from outside the data directory: a file of its own, a systemd credential, an environment
/// variable. Wrapped form, frozen by test: <c>ID.ENVELOPE</c>, the id of this key and an envelope in base64url.
/// </summary>
public sealed class SecretEncryptionKey : IKeyEncryptionKey, IDisposable
{
    /// <summary>Longest text that is read as a key; 32 bytes in base64 have 44 characters.</summary>
    private const int MaximumSize = 256;

    private readonly WrappingKey key;

    private SecretEncryptionKey(ReadOnlySpan<byte> secret) => key = new WrappingKey(secret);

    /// <inheritdoc/>
    public string Scheme => "secret-key";

    /// <summary>The key in a file that only its owner may read: 32 bytes in base64 (<c>openssl rand -base64 32</c>), perhaps a line break.</summary>
    /// <exception cref="KeyRingException">The file is missing, readable by others, or holds no such key.</exception>
    public static SecretEncryptionKey FromFile(string path)
    {
        byte[] text = [];
        try
        {
            FilePermissions.RequirePrivate(path, directory: false);
            text = DurableFile.Read(path, MaximumSize);
            return Parse(path, text, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException(
                path, $"the key that protects the wrapping key can't be read: {exception.Message}", "put the file back, or name the right one in keys.wrappingKey", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>
    /// The key in a credential that the service manager hands over (<c>LoadCredential=</c>, systemd.exec(5)): a file in the directory that
    /// <c>$CREDENTIALS_DIRECTORY</c> names.
    /// </summary>
    /// <exception cref="KeyRingException">There is no such directory or file, or the file holds no key.</exception>
    public static SecretEncryptionKey FromCredential(string name, string? directory)
    {
        if (string.IsNullOrEmpty(directory))
        {
            throw new KeyRingException(
                name, $"the credential '{name}' is not there: CREDENTIALS_DIRECTORY is not set", $"start the gateway by systemd with LoadCredential={name}:PATH; for a command, use systemd-run");
        }

        // A name and never a path: what the configuration says must not lead out of the directory.
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
            throw new KeyRingException(name, $"'{name}' is no name of a credential", "write the name that LoadCredential= has before the colon");
        var path = Path.Combine(directory, name);
        byte[] text = [];
        try
        {
            // systemd makes the directory for the service alone (0500) and the files 0400, or 0440 with an access list: its own affair.
            text = DurableFile.Read(path, MaximumSize);
            return Parse(path, text, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException(path, $"the credential '{name}' can't be read: {exception.Message}", $"give the unit LoadCredential={name}:PATH", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>The key as the value of an environment variable. Other programs of the same user can read it: a file or credential is better.</summary>
    /// <exception cref="KeyRingException">The variable is not set or holds no key.</exception>
    public static SecretEncryptionKey FromEnvironment(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            throw new KeyRingException(name, $"the environment variable {name} is not set", "set it to the key that protects the wrapping key, or choose another source in keys.wrappingKey");
        return Parse(name, value.Length <= MaximumSize ? Encoding.UTF8.GetBytes(value) : [], $"the environment variable {name}");
    }

    /// <inheritdoc/>
    public string Wrap(ReadOnlySpan<byte> key, string context) =>
        $"{this.key.Id}.{Base64Url.EncodeToString(this.key.Wrap(key, SealingContext.Of("wrapping-key", Scheme, context)))}";

    /// <inheritdoc/>
    public bool TryUnwrap(string wrapped, string context, Span<byte> key)
    {
        var dot = wrapped.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && wrapped.AsSpan(0, dot).SequenceEqual(this.key.Id)
            && WrappedText.TryOpen(this.key, wrapped.AsSpan(dot + 1), SealingContext.Of("wrapping-key", Scheme, context), key);
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>Strict: one text for each key, so that a mistyped one does not pass for another.</summary>
    internal static SecretEncryptionKey Parse(string path, ReadOnlySpan<byte> text, string name)
    {
        var line = text.EndsWith("\r\n"u8) ? text[..^2] : text.EndsWith("\n"u8) ? text[..^1] : text;
        Span<byte> secret = stackalloc byte[WrappingKey.Size];
        Span<byte> canonical = stackalloc byte[44];
        try
        {
            if (line.Length == canonical.Length && Base64.DecodeFromUtf8(line, secret, out var consumed, out var written) == System.Buffers.OperationStatus.Done
                && consumed == line.Length && written == secret.Length
                && Base64.EncodeToUtf8(secret, canonical, out _, out _) == System.Buffers.OperationStatus.Done && canonical.SequenceEqual(line)
                && secret.ContainsAnyExcept(secret[0]))
                return new SecretEncryptionKey(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(canonical);
        }

        throw new KeyRingException(path, $"{name} does not hold a key of 32 random bytes in base64", "make one with: openssl rand -base64 32");
    }
}
