using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.OneTimeCodes;

/// <summary>
/// Time-based one-time codes (RFC 6238) in the one form that all authenticator apps know: SHA-1, six digits, 30 seconds. HMAC-SHA-1 is unbroken in this
/// use (RFC 6238 needs no collision resistance). Codes of the step before and after are taken, too: 90 seconds in all, the network delay and
/// clock difference of RFC 6238, section 5.2.
/// </summary>
public static class Totp
{
    /// <summary>Seconds of a step.</summary>
    public const int Period = 30;

    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    /// <summary>Steps before and after the present one whose codes are taken.</summary>
    public const int Window = 1;

    /// <summary>Bytes of a secret: the length that RFC 4226, section 4, requirement 6 recommends.</summary>
    public const int SecretSize = 20;

    /// <summary>A fresh secret of 160 random bits. Seal it before it is stored.</summary>
    public static Secret NewSecret()
    {
        Span<byte> bytes = stackalloc byte[SecretSize];
        RandomNumberGenerator.Fill(bytes);
        var secret = Secret.FromBytes(bytes);
        bytes.Clear();
        return secret;
    }

    /// <summary>The secret as people type it into an app: base32 in groups of four.</summary>
    public static Secret ToText(Secret secret)
    {
        var text = Encode(secret);
        return Secret.FromText(string.Join(' ', text.Chunk(4).Select(group => new string(group))));
    }

    /// <summary>The URI that a QR code shows to an authenticator app (Key URI format). It holds the secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="issuer">The service, as the app shows it.</param>
    /// <param name="account">The person's name at the service.</param>
    public static Secret ToUri(Secret secret, string issuer, string account)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(issuer);
        ArgumentException.ThrowIfNullOrWhiteSpace(account);
        // A colon divides issuer from account; in either it would mislead the app.
        var (service, person) = (Uri.EscapeDataString(issuer.Replace(':', ' ')), Uri.EscapeDataString(account.Replace(':', ' ')));
        return Secret.FromText($"otpauth://totp/{service}:{person}?secret={Encode(secret)}&issuer={service}&algorithm=SHA1&digits={Digits}&period={Period}");
    }

    /// <summary>Judges a code: six ASCII digits, spaces between them aside. Takes the same time for each.</summary>
    /// <param name="secret">The person's secret.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="lastStep">The step of the last accepted code; 0 for none. No code of it or of one before is accepted again (RFC 6238, section 5.2).</param>
    /// <param name="now">The present time.</param>
    public static TotpCheck Verify(Secret secret, ReadOnlySpan<char> code, long lastStep, DateTimeOffset now)
    {
        if (secret.RevealBytes().Length < 16 || !TryRead(code, out var typed))
            return default;
        var present = Math.Max(0, now.ToUnixTimeSeconds()) / Period;
        var accepted = 0L;
        var replayed = false;
        for (var step = Math.Max(0, present - Window); step <= present + Window; step++)
        {
            var same = Compute(secret.RevealBytes(), step, Digits) == typed;
            // The earliest that is still open is used up, so that the next code of the app works at once.
            if (same & step > lastStep & accepted == 0)
                accepted = step;
            replayed |= same & step <= lastStep;
        }

        return accepted > 0 ? new(TotpOutcome.Accepted, accepted) : new(replayed ? TotpOutcome.Replayed : TotpOutcome.Wrong, 0);
    }

    /// <summary>HOTP of a step (RFC 4226, section 5.3).</summary>
    internal static int Compute(ReadOnlySpan<byte> secret, long step, int digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 with the hash that every app has; collisions of SHA-1 do not bear on HMAC.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var value = BinaryPrimitives.ReadUInt32BigEndian(hash[(hash[^1] & 15)..]) & 0x7FFF_FFFF;
        var modulus = 1u;
        for (var i = 0; i < digits; i++)
            modulus *= 10;
        return (int)(value % modulus);
    }

    /// <summary>The code of a moment, for tests and for the client half.</summary>
    internal static string Code(Secret secret, DateTimeOffset now) =>
        Compute(secret.RevealBytes(), now.ToUnixTimeSeconds() / Period, Digits).ToString("D6", CultureInfo.InvariantCulture);

    private static bool TryRead(ReadOnlySpan<char> code, out int value)
    {
        (value, var digits) = (0, 0);
        if (code.Length > Digits * 2)
            return false;
        foreach (var character in code)
        {
            if (character == ' ')
                continue;
            if (!char.IsAsciiDigit(character) || ++digits > Digits)
                return false;
            value = (value * 10) + (character - '0');
        }

        return digits == Digits;
    }

    private static string Encode(Secret secret)
    {
        var bytes = secret.RevealBytes();
        Span<char> text = stackalloc char[Base32.EncodedLength(bytes.Length)];
        Base32.Rfc4648.Encode(bytes, text);
        return new string(text);
    }
}
