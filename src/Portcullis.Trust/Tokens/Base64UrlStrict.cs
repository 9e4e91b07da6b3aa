using System.Buffers;
using System.Buffers.Text;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// Base64url as RFC 7515, section 2 has it: the alphabet alone, no padding, no white space. The unused bits of the last character must be zero
/// (RFC 4648, section 3.5), so that one value has one spelling and no two tokens differ only in text.
/// </summary>
internal static class Base64UrlStrict
{
    private static readonly SearchValues<byte> alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Most bytes that <paramref name="characters"/> characters can stand for.</summary>
    public static int DecodedLength(int characters) => (int)((long)characters * 3 / 4);

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.ContainsAnyExcept(alphabet) || text.Length % 4 == 1 || destination.Length < DecodedLength(text.Length))
            return false;
        if (text.Length % 4 != 0 && (Value(text[^1]) & (text.Length % 4 == 2 ? 0b1111 : 0b11)) != 0)
            return false;
        return Base64Url.DecodeFromUtf8(text, destination, out _, out written) == OperationStatus.Done;
    }

    public static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        if (!System.Text.Ascii.IsValid(text) || System.Text.Ascii.FromUtf16(text, bytes, out _) != OperationStatus.Done)
            return null;
        var decoded = new byte[DecodedLength(text.Length)];
        return TryDecode(bytes, decoded, out var written) ? decoded[..written] : null;
    }

    private static int Value(byte character) => character switch
    {
        >= (byte)'A' and <= (byte)'Z' => character - 'A',
        >= (byte)'a' and <= (byte)'z' => character - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => character - '0' + 52,
        (byte)'-' => 62,
        _ => 63,
    };
}
