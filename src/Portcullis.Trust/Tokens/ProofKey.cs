using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// Proof Key for Code Exchange (RFC 7636), method S256 alone: <c>plain</c> shows the verifier to whoever sees the authorization request (RFC 9700,
/// section 2.1.1).
/// </summary>
public static class ProofKey
{
    /// <summary>The name of the one method.</summary>
    public const string Method = "S256";

    // RFC 7636, section 4.1.
    private const int ShortestVerifier = 43;
    private const int LongestVerifier = 128;

    private static readonly SearchValues<char> unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Whether this can be a challenge: the strict base64url of a SHA-256 hash (section 4.2).</summary>
    public static bool IsChallenge(string challenge) => challenge.Length == ShortestVerifier && Base64UrlStrict.Decode(challenge) is { Length: SHA256.HashSizeInBytes };

    /// <summary>Whether the verifier has the form of one and its hash is the challenge (section 4.6), compared in fixed time.</summary>
    public static bool Matches(string challenge, string verifier)
    {
        if (verifier.Length is < ShortestVerifier or > LongestVerifier || verifier.AsSpan().ContainsAnyExcept(unreserved))
            return false;
        Span<byte> ascii = stackalloc byte[LongestVerifier];
        var length = Encoding.ASCII.GetBytes(verifier, ascii);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii[..length], hash);
        Span<byte> computed = stackalloc byte[ShortestVerifier];
        Base64Url.EncodeToUtf8(hash, computed);
        Span<byte> expected = stackalloc byte[ShortestVerifier];
        return challenge.Length == ShortestVerifier && Ascii.FromUtf16(challenge, expected, out _) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(computed, expected);
    }
}
