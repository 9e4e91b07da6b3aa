using System.Security.Cryptography;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// Seals the successor of a spent token under a key that only the spent token itself gives (HKDF-SHA-256, RFC 5869; AES-256-GCM). So the successor can
/// be given again to whoever lost the first reply, and to nobody who reads the store, not even with every key of ours.
/// </summary>
/// <remarks>Layout, frozen: 12 bytes nonce, ciphertext, 16 bytes tag. The associated data is the hash of the spent token.</remarks>
public static class SuccessorSeal
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;

    /// <summary>Most bytes a sealed successor takes.</summary>
    public const int MaximumSize = 256;

    /// <summary>Seals <paramref name="successor"/> for whoever holds <paramref name="spent"/>.</summary>
    public static byte[] Seal(OpaqueToken spent, OpaqueToken successor)
    {
        var plaintext = successor.Text.RevealBytes();
        var sealedText = new byte[NonceSize + plaintext.Length + TagSize];
        RandomNumberGenerator.Fill(sealedText.AsSpan(0, NonceSize));
        Span<byte> key = stackalloc byte[KeySize];
        DeriveKey(spent, key);
        using var cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        cipher.Encrypt(sealedText.AsSpan(0, NonceSize), plaintext, sealedText.AsSpan(NonceSize, plaintext.Length), sealedText.AsSpan(NonceSize + plaintext.Length), spent.Hash.Span);
        return sealedText;
    }

    /// <summary>The successor, or null where the text was not sealed for that token.</summary>
    /// <param name="prefix">The prefix that the successor must have.</param>
    /// <param name="spent">The token that was presented again.</param>
    /// <param name="sealedText">What was stored with it.</param>
    public static OpaqueToken? Open(string prefix, OpaqueToken spent, ReadOnlySpan<byte> sealedText)
    {
        if (sealedText.Length is <= NonceSize + TagSize or > MaximumSize)
            return null;
        Span<byte> key = stackalloc byte[KeySize];
        DeriveKey(spent, key);
        using var cipher = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        var plaintext = new byte[sealedText.Length - NonceSize - TagSize];
        try
        {
            cipher.Decrypt(sealedText[..NonceSize], sealedText[NonceSize..^TagSize], sealedText[^TagSize..], plaintext, spent.Hash.Span);
            return OpaqueToken.Read(prefix, System.Text.Encoding.ASCII.GetString(plaintext));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static void DeriveKey(OpaqueToken spent, Span<byte> key) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, spent.Text.RevealBytes(), key, salt: default, info: "portcullis token successor v1"u8);
}
