using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The file that holds the wrapping key: one line <c>portcullis-wrapping-key 1 ID KEY</c>, KEY being 32 bytes in base64url and ID derived from
/// it, so a damaged line is noticed. Frozen by test.
/// </summary>
internal static class WrappingKeyFile
{
    private const string Format = "portcullis-wrapping-key";
    private const int MaximumSize = 1024;

    public static (WrappingKey Key, byte[] FileBytes) Create()
    {
        using var secret = KeyMaterial.Random(WrappingKey.Size);
        var key = new WrappingKey(secret.Bytes);
        return (key, Encoding.ASCII.GetBytes($"{Format} 1 {key.Id} {Base64Url.EncodeToString(secret.Bytes)}\n"));
    }

    /// <exception cref="KeyRingException">The file is readable by others, damaged, newer or something else.</exception>
    public static WrappingKey Read(string path)
    {
        FilePermissions.RequirePrivate(path, directory: false);
        var bytes = DurableFile.Read(path, MaximumSize);
        try
        {
            return Parse(path, Encoding.ASCII.GetString(bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static WrappingKey Parse(string path, string text)
    {
        if (!text.StartsWith(Format + " ", StringComparison.Ordinal))
            throw new KeyRingException(path, $"{path} is not a wrapping key", "restore the file from a backup");
        var parts = text.TrimEnd('\n').Split(' ');
        if (parts[1] != "1")
            throw new KeyRingException(path, $"{path} has format version '{parts[1]}', this program knows version 1", "start a newer Portcullis");
        var secret = new byte[WrappingKey.Size];
        try
        {
            if (parts.Length == 4 && text.EndsWith('\n') && parts[3].Length == Base64Url.GetEncodedLength(secret.Length)
                && Base64Url.TryDecodeFromChars(parts[3], secret, out var written) && written == secret.Length
                && Base64Url.EncodeToString(secret) == parts[3] && WrappingKey.IdOf(secret) == parts[2])
                return new WrappingKey(secret);
        }
        catch (FormatException)
        {
            // Same as any other damage.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        throw new KeyRingException(path, $"{path} is damaged", "restore the file from a backup; without it the keys sealed under it are lost");
    }
}
