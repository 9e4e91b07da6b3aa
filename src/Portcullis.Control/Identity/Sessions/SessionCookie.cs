using System.Buffers.Text;
using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>
/// The cookie of a session: 256 random bits in 43 characters of base64url and nothing else (NIST SP 800-63B-4 §5.1, OWASP ASVS 5, 7.2). Strictly read: one spelling for each value.
/// </summary>
public static class SessionCookie
{
    /// <summary>The cookie's name. The prefix keeps other hosts and plain HTTP from setting it (RFC 6265bis §4.1.3.2).</summary>
    public const string Name = "__Host-portcullis-session";

    /// <summary>What follows the value in <c>Set-Cookie</c>. Without Max-Age, so the browser forgets it with its own session; the server's times bound it in any case.</summary>
    public const string Attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";

    /// <summary>Attributes that make a browser forget the cookie.</summary>
    public const string Expired = Attributes + "; Max-Age=0";

    /// <summary>Characters of every value.</summary>
    public const int Length = 43;

    private const int Size = 32;

    /// <summary>A fresh value.</summary>
    public static Secret Generate() => Secret.Generate(Size);

    /// <summary>The id of a value that has the right form; false for every other text. Allocates nothing.</summary>
    public static bool TryRead(ReadOnlySpan<char> value, out SessionId id)
    {
        id = default;
        if (value.Length != Length) return false;
        Span<byte> ascii = stackalloc byte[Length];
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(value[i]) && value[i] is not ('-' or '_')) return false;
            ascii[i] = (byte)value[i];
        }

        // RFC 4648 §3.5: the two unused bits of the last character are zero.
        if ("AEIMQUYcgkosw048".IndexOf(value[^1], StringComparison.Ordinal) < 0) return false;
        id = Of(ascii);
        return true;
    }

    internal static SessionId IdOf(Secret value) => Of(value.RevealBytes());

    private static SessionId Of(ReadOnlySpan<byte> ascii)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, hash);
        return new SessionId(hash);
    }
}
