using System.Buffers;
using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Passwords;

/// <summary>
/// A password as it is hashed: in normalization form KC, so that it is the same whichever keyboard it was typed on (NIST SP 800-63B-4, passwords: the
/// process for stabilized strings). Case and spaces count; printing it gives <c>[redacted]</c>.
/// </summary>
public sealed class Password
{
    /// <summary>Most characters (code points) of a password, as typed and normalized. NIST asks for 64 at least; this bounds the work.</summary>
    public const int MaximumLength = 256;

    private readonly Secret text;

    private Password(Secret text, int length)
    {
        this.text = text;
        Length = length;
    }

    /// <summary>Characters (code points) that were typed, or that normalization left, whichever is fewer.</summary>
    public int Length { get; }

    internal ReadOnlySpan<byte> Bytes => text.RevealBytes();

    /// <summary>Reads what somebody typed. The password is null unless the form is <see cref="PasswordForm.Usable"/>. Never throws.</summary>
    public static PasswordForm Read(ReadOnlySpan<char> typed, out Password? password)
    {
        password = null;
        if (typed.IsEmpty)
            return PasswordForm.Empty;
        // A code point has two UTF-16 units at most: what is longer is refused before any work.
        if (typed.Length > MaximumLength * 2)
            return PasswordForm.TooLong;

        var buffer = ArrayPool<uint>.Shared.Rent(typed.Length * (1 + CompatibilityForm.LargestExpansion));
        try
        {
            var points = buffer.AsSpan(0, typed.Length);
            var count = 0;
            while (!typed.IsEmpty)
            {
                // U+FFFD is what decoders put in place of what they could not read: many texts would be one password.
                if (Rune.DecodeFromUtf16(typed, out var rune, out var taken) != OperationStatus.Done || rune == Rune.ReplacementChar
                    || !UnicodeTables.Instance.IsAccepted((uint)rune.Value))
                    return PasswordForm.Unacceptable;
                points[count++] = (uint)rune.Value;
                typed = typed[taken..];
            }

            var normal = buffer.AsSpan(points.Length);
            var length = CompatibilityForm.Normalize(points[..count], normal);
            if (count > MaximumLength || length > MaximumLength)
                return PasswordForm.TooLong;
            password = new Password(Encode(normal[..length]), Math.Min(count, length));
            return PasswordForm.Usable;
        }
        finally
        {
            // A password does not wait in a pool for another reader.
            ArrayPool<uint>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Secret.Redacted;

    private static Secret Encode(ReadOnlySpan<uint> points)
    {
        Span<byte> utf8 = stackalloc byte[MaximumLength * 4];
        var length = 0;
        foreach (var point in points)
            length += new Rune(point).EncodeToUtf8(utf8[length..]);
        var secret = Secret.FromBytes(utf8[..length]);
        utf8.Clear();
        return secret;
    }
}
