using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// Cookies that prove that a person signed in from a browser before (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). A cookie signs nobody in: it only
/// lets attempts at one account count apart from strangers'. Sealed and bound to the account, it says nothing and fits no other. Whoever steals one gets a lane with
/// some attempts of its own.
/// </summary>
/// <param name="sealer">Seals with keys that are kept for <see cref="Life"/> after they retire; where they are gone the browser is a stranger again.</param>
/// <param name="clock">Tells the age of cookies.</param>
public sealed class KnownDevices(Sealer sealer, TimeProvider clock)
{
    /// <summary>The cookie's name. The prefix keeps other hosts and plain HTTP from setting it (RFC 6265bis §4.1.3.2).</summary>
    public const string CookieName = "__Host-portcullis-device";

    /// <summary>What follows the value in <c>Set-Cookie</c>.</summary>
    public const string CookieAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=15552000";

    private const int IdSize = 16;
    private const int Size = IdSize + sizeof(long);
    private const int LongestCookie = 256;

    /// <summary>How long a device is known after its last sign-in.</summary>
    public static TimeSpan Life { get; } = TimeSpan.FromDays(180);

    /// <summary>A cookie for a browser in which the owner of the account has just signed in with all factors.</summary>
    public string Issue(string account)
    {
        Span<byte> plain = stackalloc byte[Size];
        RandomNumberGenerator.Fill(plain[..IdSize]);
        BinaryPrimitives.WriteInt64BigEndian(plain[IdSize..], clock.GetUtcNow().ToUnixTimeSeconds());
        return Base64Url.EncodeToString(sealer.Seal(plain, Context(account)));
    }

    /// <summary>The device's id where the cookie is one for this account; else null, whatever else the text is.</summary>
    /// <param name="cookie">The cookie's value; null where there is none.</param>
    /// <param name="account">The account that is to be signed in to.</param>
    /// <param name="notBefore">Cookies from before are no longer good: when the password was last changed or sessions were ended for good.</param>
    public string? Find(string? cookie, string account, DateTimeOffset notBefore)
    {
        if (string.IsNullOrEmpty(cookie) || cookie.Length > LongestCookie) return null;
        Span<byte> envelope = stackalloc byte[LongestCookie];
        // Not TryDecodeFromChars, which throws on what is no base64url.
        if (Base64Url.DecodeFromChars(cookie, envelope, out _, out var length) != OperationStatus.Done) return null;
        if (sealer.Open(envelope[..length], Context(account), out var plain) != UnsealOutcome.Opened || plain is not { Length: Size }) return null;

        var issued = BinaryPrimitives.ReadInt64BigEndian(plain.AsSpan(IdSize));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var isGood = issued <= now && now - issued < (long)Life.TotalSeconds && issued >= notBefore.ToUnixTimeSeconds();
        return isGood ? Convert.ToHexStringLower(plain.AsSpan(0, IdSize)) : null;
    }

    private static SealingContext Context(string account) => SealingContext.Of("known-device", account);
}
