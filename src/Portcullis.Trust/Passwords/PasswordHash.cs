using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Passwords;

/// <summary>
/// A stored hash with all that is needed to check it: <c>$pbkdf2-sha512$i=220000$SALT$HASH</c>, salt and hash in base64url. Frozen; another algorithm
/// gets another name. Hashes are no secrets like keys, but should be sealed where they are stored.
/// </summary>
internal sealed class PasswordHash
{
    public const int SaltSize = 16;
    public const int HashSize = SHA512.HashSizeInBytes;

    private const string Prefix = "$pbkdf2-sha512$i=";
    private const int LongestText = 160;

    private readonly byte[] salt;
    private readonly byte[] hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash)
    {
        Iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    public int Iterations { get; }

    /// <summary>NIST SP 800-132, section 5.1: the salt is 128 random bits.</summary>
    public static PasswordHash Create(ReadOnlySpan<byte> password, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new PasswordHash(iterations, salt, Derive(password, salt, iterations));
    }

    /// <summary>Strict: one spelling for each hash, and no cost that would hold a processor for long.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PasswordHash? parsed)
    {
        parsed = null;
        if (text is null || text.Length > LongestText || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 3 || parts[0].StartsWith('0')
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > PasswordCost.Maximum)
            return false;
        if (Base64UrlStrict.Decode(parts[1]) is not { Length: SaltSize } salt || Base64UrlStrict.Decode(parts[2]) is not { Length: HashSize } hash)
            return false;
        parsed = new PasswordHash(iterations, salt, hash);
        return true;
    }

    public bool Matches(ReadOnlySpan<byte> password)
    {
        var candidate = Derive(password, salt, Iterations);
        var same = CryptographicOperations.FixedTimeEquals(candidate, hash);
        CryptographicOperations.ZeroMemory(candidate);
        return same;
    }

    public override string ToString() => new StringBuilder(LongestText)
        .Append(Prefix).Append(CultureInfo.InvariantCulture, $"{Iterations}")
        .Append('$').Append(System.Buffers.Text.Base64Url.EncodeToString(salt))
        .Append('$').Append(System.Buffers.Text.Base64Url.EncodeToString(hash)).ToString();

    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashSize);
}
