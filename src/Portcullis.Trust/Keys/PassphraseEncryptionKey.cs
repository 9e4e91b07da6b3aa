using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// A key-encryption key derived from a passphrase: PBKDF2-HMAC-SHA-512 (RFC 8018, section 5.2; NIST SP 800-132) with 32 bytes of salt. Cost
/// and salt are stored, so the cost can rise: replacing the wrapping key takes the new one. Wrapped form, frozen by test:
/// <c>ITERATIONS.SALT.ENVELOPE</c>, the latter two in base64url. The passphrase counts octet by octet, as it stands in its file or variable.
/// </summary>
/// <param name="passphrase">Text of at least <see cref="MinimumLength"/> characters.</param>
public sealed class PassphraseEncryptionKey(Secret passphrase) : IKeyEncryptionKey
{
    /// <summary>Shorter passphrases are refused (characters).</summary>
    public const int MinimumLength = 12;

    /// <summary>Iterations for new wrapping keys: about half a second of one core, five times OWASP's figure, for it is paid once in a process's life.</summary>
    internal const int Iterations = 1_000_000;

    // Whoever may write the file must not make guessing cheap, nor the start endless.
    private const int FewestIterations = 210_000;
    private const int MostIterations = 20_000_000;
    private const int SaltSize = 32;

    private readonly Secret passphrase = Require(passphrase);

    /// <inheritdoc/>
    public string Scheme => "pbkdf2-sha512";

    /// <summary>True when a passphrase has the least length that is taken.</summary>
    public static bool IsLongEnough(Secret passphrase) => passphrase.Reveal().EnumerateRunes().Count() >= MinimumLength;

    /// <inheritdoc/>
    public string Wrap(ReadOnlySpan<byte> key, string context) => Wrap(key, context, RandomNumberGenerator.GetBytes(SaltSize), Iterations);

    /// <inheritdoc/>
    public bool TryUnwrap(string wrapped, string context, Span<byte> key)
    {
        var parts = wrapped.Split('.');
        if (parts.Length != 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < FewestIterations or > MostIterations || parts[0] != iterations.ToString(CultureInfo.InvariantCulture))
            return false;
        Span<byte> salt = stackalloc byte[SaltSize];
        if (parts[1].Length != Base64Url.GetEncodedLength(SaltSize) || !Base64Url.IsValid(parts[1]) || !Base64Url.TryDecodeFromChars(parts[1], salt, out var written) || written != SaltSize)
            return false;
        using var derived = Derive(salt, iterations);
        return WrappedText.TryOpen(derived, parts[2], Context(context, iterations, salt), key);
    }

    internal string Wrap(ReadOnlySpan<byte> key, string context, ReadOnlySpan<byte> salt, int iterations)
    {
        using var derived = Derive(salt, iterations);
        var envelope = derived.Wrap(key, Context(context, iterations, salt));
        return string.Create(CultureInfo.InvariantCulture, $"{iterations}.{Base64Url.EncodeToString(salt)}.{Base64Url.EncodeToString(envelope)}");
    }

    private static SealingContext Context(string context, int iterations, ReadOnlySpan<byte> salt) =>
        SealingContext.Of("wrapping-key", "pbkdf2-sha512", context, iterations.ToString(CultureInfo.InvariantCulture), Base64Url.EncodeToString(salt));

    private static Secret Require(Secret passphrase) => IsLongEnough(passphrase)
        ? passphrase
        : throw new KeyRingException(
            "keys.wrappingKey.passphrase", $"the passphrase has fewer than {MinimumLength} characters", "choose six random words or more: guessing it opens every key");

    private WrappingKey Derive(ReadOnlySpan<byte> salt, int iterations)
    {
        using var material = KeyMaterial.Empty(WrappingKey.Size);
        Rfc2898DeriveBytes.Pbkdf2(passphrase.RevealBytes(), salt, material.Writable, iterations, HashAlgorithmName.SHA512);
        return new WrappingKey(material.Bytes);
    }
}
