using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Trust.ApiKeys;

/// <summary>
/// API keys as text: <c>pk_</c>, 256 random bits in 52 characters, a checksum in 7. Lower case and digits only, so a double click selects it, and the
/// prefix and checksum let scanners find leaked keys without asking anybody. What is stored is SHA-256 of the text: a key of 256 bits needs no slow hash
/// (NIST SP 800-63B, look-up secrets of 112 bits and more). Frozen.
/// </summary>
public static class ApiKeyText
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "pk_";

    /// <summary>Characters of every key.</summary>
    public const int Length = 3 + SecretCharacters + ChecksumCharacters;

    private const int SecretSize = 32;
    private const int SecretCharacters = 52;
    private const int ChecksumCharacters = 7;

    /// <summary>A fresh key. It is shown once.</summary>
    public static Secret Generate()
    {
        Span<byte> secret = stackalloc byte[SecretSize];
        RandomNumberGenerator.Fill(secret);
        Span<char> text = stackalloc char[Length];
        Prefix.CopyTo(text);
        Base32.Lower.Encode(secret, text[Prefix.Length..]);
        secret.Clear();

        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text[..^ChecksumCharacters], ascii);
        Checksum(ascii[..^ChecksumCharacters], ascii[^ChecksumCharacters..]);
        return Secret.FromBytes(ascii);
    }

    /// <summary>
    /// True when the bytes have the form of a key and its checksum, in the only spelling there is; <paramref name="hash"/> (32 bytes) is then what to look
    /// for. Never throws, allocates nothing, and its time depends on nothing that is secret: whether there is such a key shows in the look-up alone.
    /// </summary>
    public static bool TryHash(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        if (text.Length != Length || !text.StartsWith("pk_"u8))
            return false;
        Span<byte> secret = stackalloc byte[SecretSize];
        if (!Base32.Lower.TryDecode(text.Slice(Prefix.Length, SecretCharacters), secret))
            return false;
        secret.Clear();
        Span<byte> checksum = stackalloc byte[ChecksumCharacters];
        Checksum(text[..^ChecksumCharacters], checksum);
        if (!checksum.SequenceEqual(text[^ChecksumCharacters..]))
            return false;
        SHA256.HashData(text, hash);
        return true;
    }

    /// <summary>The hash of a key that <see cref="Generate"/> made.</summary>
    public static byte[] Hash(Secret key) => SHA256.HashData(key.RevealBytes());

    /// <summary>35 bits of a hash. It finds typing mistakes and guards nothing: everybody can compute it.</summary>
    private static void Checksum(ReadOnlySpan<byte> text, Span<byte> checksum)
    {
        var purpose = "portcullis api key\n"u8;
        Span<byte> input = stackalloc byte[purpose.Length + Length - ChecksumCharacters];
        purpose.CopyTo(input);
        text.CopyTo(input[purpose.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        input.Clear();

        var bits = ((ulong)hash[0] << 32) | ((ulong)hash[1] << 24) | ((ulong)hash[2] << 16) | ((ulong)hash[3] << 8) | hash[4];
        for (var i = 0; i < ChecksumCharacters; i++)
            checksum[i] = (byte)Base32.Lower.Character((int)(bits >> (35 - (5 * i))) & 31);
    }
}
