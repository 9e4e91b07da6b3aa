using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The file that holds the wrapping key, one line, frozen by test. Version 1, <c>portcullis-wrapping-key 1 ID KEY</c>, has the key as it is,
/// 32 bytes in base64url, kept by the file's mode alone. Version 2, <c>portcullis-wrapping-key 2 ID SCHEME WRAPPED</c>, has it under a
/// key-encryption key. ID is derived from the key, so a damaged line is noticed.
/// </summary>
internal static class WrappingKeyFile
{
    /// <summary>The scheme of version 1: no key-encryption key.</summary>
    public const string Unprotected = "none";

    private const string Format = "portcullis-wrapping-key";
    private const int MaximumSize = 1024;
    private const int IdLength = 16;

    public static (WrappingKey Key, byte[] FileBytes) Create(IKeyEncryptionKey? protection = null)
    {
        using var secret = KeyMaterial.Random(WrappingKey.Size);
        var key = new WrappingKey(secret.Bytes);
        var content = protection is null ? $"1 {key.Id} {Base64Url.EncodeToString(secret.Bytes)}" : $"2 {key.Id} {protection.Scheme} {protection.Wrap(secret.Bytes, key.Id)}";
        return (key, Encoding.ASCII.GetBytes($"{Format} {content}\n"));
    }

    /// <exception cref="KeyRingException">The file is readable by others, damaged, newer, something else, or under another key-encryption key.</exception>
    public static WrappingKey Read(string path, IKeyEncryptionKey? protection = null)
    {
        FilePermissions.RequirePrivate(path, directory: false);
        var bytes = DurableFile.Read(path, MaximumSize);
        try
        {
            return Parse(path, bytes, protection);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Id and scheme as the file states them, which proves nothing. Null when there is no such file or it states none.</summary>
    public static (string Id, string Scheme)? Peek(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > MaximumSize)
            return null;
        var bytes = DurableFile.Read(path, MaximumSize);
        try
        {
            return Encoding.ASCII.GetString(bytes).TrimEnd('\n').Split(' ') switch
            {
                [Format, "1", { Length: IdLength } id, _] => (id, Unprotected),
                [Format, "2", { Length: IdLength } id, var scheme, _] => (id, scheme),
                _ => null,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    internal static WrappingKey Parse(string path, ReadOnlySpan<byte> bytes, IKeyEncryptionKey? protection)
    {
        var text = Encoding.ASCII.GetString(bytes);
        if (!text.StartsWith(Format + " ", StringComparison.Ordinal))
            throw new KeyRingException(path, $"{path} is not a wrapping key", "restore the file from a backup");
        var parts = text.TrimEnd('\n').Split(' ');
        var scheme = parts[1] switch
        {
            "1" => Unprotected,
            "2" => parts.Length == 5 ? parts[3] : throw Damaged(path),
            _ => throw new KeyRingException(path, $"{path} has format version '{parts[1]}', this program knows versions 1 and 2", "start a newer Portcullis"),
        };
        RequireScheme(path, scheme, protection?.Scheme ?? Unprotected);
        using var secret = KeyMaterial.Empty(WrappingKey.Size);
        if (!text.EndsWith('\n') || parts.Length != (protection is null ? 4 : 5) || text.Length != parts.Sum(part => part.Length + 1))
            throw Damaged(path);
        if (protection is null ? !TryDecode(parts[3], secret.Writable) : !protection.TryUnwrap(parts[4], parts[2], secret.Writable))
            throw protection is null ? Damaged(path) : Closed(path, scheme);
        return WrappingKey.IdOf(secret.Bytes) == parts[2] ? new WrappingKey(secret.Bytes) : throw Damaged(path);
    }

    private static bool TryDecode(string text, Span<byte> secret) =>
        text.Length == Base64Url.GetEncodedLength(secret.Length) && Base64Url.IsValid(text)
        && Base64Url.TryDecodeFromChars(text, secret, out var written) && written == secret.Length && Base64Url.EncodeToString(secret) == text;

    /// <summary>What the configuration asks for and what is there must be the same: neither is weakened, or ignored, without a word.</summary>
    private static void RequireScheme(string path, string found, string expected)
    {
        if (found == expected)
            return;
        var scheme = found.Length <= 32 && found.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') ? found : "unknown";
        if (found == Unprotected)
        {
            throw new KeyRingException(
                path, $"{path} is not protected by the source that keys.wrappingKey names ({expected})",
                "if keys.wrappingKey is new: portcullis key rotate wrapping --from-unprotected; if it was protected before, somebody has replaced it: restore the directory from a backup");
        }

        throw new KeyRingException(
            path,
            expected == Unprotected ? $"{path} is protected ({scheme}), and keys.wrappingKey names nothing that opens it" : $"{path} is protected by another source ({scheme}) than keys.wrappingKey names ({expected})",
            "name the source in keys.wrappingKey; to change it: portcullis key rotate wrapping --old-config FILE, with the configuration of before");
    }

    private static KeyRingException Closed(string path, string scheme) => new(
        path,
        scheme == "pbkdf2-sha512" ? $"{path} does not open with the passphrase" : $"{path} does not open with the key that keys.wrappingKey names",
        "use the one it was protected with; without it the keys of the ring are lost");

    private static KeyRingException Damaged(string path) =>
        new(path, $"{path} is damaged", "restore the file from a backup; without it the keys sealed under it are lost");
}
