namespace Portcullis.Trust.Passkeys;

/// <summary>
/// The answer of an authenticator that made a credential (WebAuthn §6.5.4): authenticator data, and a statement about the authenticator's maker. None is asked for, so
/// whatever statement comes is not verified and means nothing (§7.1 step 19, §8.7).
/// </summary>
internal static class AttestationObject
{
    /// <summary>Octets of the longest that is read; with a chain of certificates some thousands.</summary>
    public const int MaximumSize = 16 * 1024;

    private const int LongestFormat = 32;

    public static bool TryRead(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> authenticatorData)
    {
        authenticatorData = default;
        var reader = new CborReader(input);
        if (input.Length > MaximumSize || !reader.TryReadMap(out var members) || members != 3)
            return false;
        var seen = 0;
        for (; members > 0; members--)
        {
            if (!reader.TryReadText(out var name))
                return false;
            var isRead = false;
            var bit = 0;
            if (name.SequenceEqual("fmt"u8))
                (isRead, bit) = (reader.TryReadText(out var format) && format.Length is > 0 and <= LongestFormat, 1);
            else if (name.SequenceEqual("attStmt"u8))
                (isRead, bit) = (reader.Rest is [>= 0xA0 and < 0xC0, ..] && reader.TrySkip(), 2);
            else if (name.SequenceEqual("authData"u8))
                (isRead, bit) = (reader.TryReadBytes(out authenticatorData), 4);
            if (!isRead || (seen & bit) != 0)
                return false;
            seen |= bit;
        }

        return seen == 7 && reader.Rest.IsEmpty;
    }
}
