using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// The sealed form of a value under a subject key, version 2 of the envelope, frozen by test:
/// <code>
/// 0      1                9        21         33              33+n     49+n
/// | 0x02 | subject key id | salt   | nonce    | ciphertext    | tag    |
/// </code>
/// Each message has an AES-256 key of its own, derived from the subject key and 96 random bits of salt (HKDF-Expand, RFC 5869, section 2.3), and
/// a random 96-bit nonce. So 192 random bits tell messages apart, and no count of them need be kept for each of many keys, which NIST SP
/// 800-38D, section 8.3, asks for where 96 do. The associated data is version, key id and context.
/// </summary>
internal static class SubjectEnvelope
{
    public const byte Version = 2;
    public const int SaltSize = 12;
    public const int Overhead = HeaderSize + SaltSize + Envelope.NonceSize + Envelope.TagSize;

    private const int HeaderSize = 1 + sizeof(ulong);

    private static ReadOnlySpan<byte> Label => "portcullis subject key: seal v2"u8;

    public static byte[] Seal(ReadOnlySpan<byte> messageKey, ulong keyId, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, SealingContext context)
    {
        var envelope = new byte[plaintext.Length + Overhead];
        envelope[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(envelope.AsSpan(1), keyId);
        salt.CopyTo(envelope.AsSpan(HeaderSize));
        nonce.CopyTo(envelope.AsSpan(HeaderSize + SaltSize));
        using var cipher = new AesGcm(messageKey, Envelope.TagSize);
        cipher.Encrypt(
            nonce, plaintext, envelope.AsSpan(HeaderSize + SaltSize + Envelope.NonceSize, plaintext.Length), envelope.AsSpan(envelope.Length - Envelope.TagSize), Associated(envelope, context));
        return envelope;
    }

    /// <summary>Reads which key sealed this, and the salt. False when the text is too short or of another version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> envelope, out ulong keyId, out ReadOnlySpan<byte> salt)
    {
        keyId = 0;
        salt = default;
        if (envelope.Length < Overhead || envelope[0] != Version)
            return false;
        keyId = BinaryPrimitives.ReadUInt64BigEndian(envelope[1..]);
        salt = envelope.Slice(HeaderSize, SaltSize);
        return true;
    }

    /// <summary>Null when anything differs from what was sealed. The envelope has been read by <see cref="TryRead"/>.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> messageKey, ReadOnlySpan<byte> envelope, SealingContext context)
    {
        var plaintext = new byte[envelope.Length - Overhead];
        using var cipher = new AesGcm(messageKey, Envelope.TagSize);
        try
        {
            cipher.Decrypt(
                envelope.Slice(HeaderSize + SaltSize, Envelope.NonceSize), envelope[(HeaderSize + SaltSize + Envelope.NonceSize)..^Envelope.TagSize], envelope[^Envelope.TagSize..],
                plaintext, Associated(envelope, context));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The key of one message.</summary>
    public static void Derive(ReadOnlySpan<byte> subjectKey, ReadOnlySpan<byte> salt, Span<byte> messageKey)
    {
        Span<byte> label = stackalloc byte[Label.Length + SaltSize];
        Label.CopyTo(label);
        salt.CopyTo(label[Label.Length..]);
        HKDF.Expand(HashAlgorithmName.SHA256, subjectKey, messageKey, label);
    }

    private static byte[] Associated(ReadOnlySpan<byte> envelope, SealingContext context) => [.. envelope[..HeaderSize], .. context.Encoded];
}
