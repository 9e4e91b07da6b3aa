using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// The sealed form of a value, version 1, frozen by test:
/// <code>
/// 0      1         9          21              21+n     37+n
/// | 0x01 | key id  | nonce    | ciphertext    | tag    |
/// </code>
/// AES-256-GCM with a 96-bit random nonce and a 128-bit tag (NIST SP 800-38D, section 8.2.2). The associated data is the version, the key id
/// and the context, so none of the three can be exchanged.
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;
    public const int KeySize = 32;
    public const int NonceSize = 12;
    public const int TagSize = 16;
    public const int Overhead = HeaderSize + NonceSize + TagSize;

    /// <summary>Most messages under one key with random nonces (NIST SP 800-38D, section 8.3).</summary>
    public const long MessageLimit = 1L << 32;

    private const int HeaderSize = 1 + sizeof(ulong);

    // Contexts up to this size are joined with the header on the stack.
    private const int StackLimit = 512;

    public static void Seal(
        AesGcm cipher, ulong keyId, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        destination = destination[..(plaintext.Length + Overhead)];
        destination[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(destination[1..], keyId);
        nonce.CopyTo(destination[HeaderSize..]);
        var ciphertext = destination.Slice(HeaderSize + NonceSize, plaintext.Length);
        var tag = destination[^TagSize..];

        var length = HeaderSize + context.Length;
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var associated = (rented is null ? stackalloc byte[StackLimit] : rented)[..length];
        destination[..HeaderSize].CopyTo(associated);
        context.CopyTo(associated[HeaderSize..]);
        cipher.Encrypt(nonce, plaintext, ciphertext, tag, associated);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Reads which key sealed this. False when the text is too short or of another version.</summary>
    public static bool TryReadKeyId(ReadOnlySpan<byte> envelope, out ulong keyId)
    {
        keyId = 0;
        if (envelope.Length < Overhead || envelope[0] != Version)
            return false;
        keyId = BinaryPrimitives.ReadUInt64BigEndian(envelope[1..]);
        return true;
    }

    /// <summary>What every envelope of a key begins with.</summary>
    public static byte[] Prefix(ulong keyId)
    {
        var prefix = new byte[HeaderSize];
        prefix[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(prefix.AsSpan(1), keyId);
        return prefix;
    }

    /// <summary>False when anything differs from what was sealed; <paramref name="destination"/> then holds zeros.</summary>
    public static bool TryOpen(AesGcm cipher, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        var nonce = envelope.Slice(HeaderSize, NonceSize);
        var ciphertext = envelope[(HeaderSize + NonceSize)..^TagSize];
        var tag = envelope[^TagSize..];

        var length = HeaderSize + context.Length;
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var associated = (rented is null ? stackalloc byte[StackLimit] : rented)[..length];
        envelope[..HeaderSize].CopyTo(associated);
        context.CopyTo(associated[HeaderSize..]);
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, destination[..ciphertext.Length], associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(destination[..ciphertext.Length]);
            return false;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
