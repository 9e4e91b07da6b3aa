using System.Text;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Decodes Connection for Kestrel, which replaces a field whose only known option is <c>close</c>, <c>keep-alive</c> or <c>upgrade</c> by that
/// option and forgets the others: the names of fields that a proxy must remove (RFC 9110 §7.6.1).
/// </summary>
/// <remarks>
/// Kestrel leaves the field alone when it finds both <c>keep-alive</c> and <c>close</c>, so these are added to a field that names others. The
/// connection then closes after the response, which a sender of such a rarity has to expect.
/// </remarks>
internal sealed class ConnectionEncoding : OneOctetEncoding
{
    public static readonly ConnectionEncoding Instance = new();

    private ConnectionEncoding()
    {
    }

    private static ReadOnlySpan<char> Addition => ", keep-alive, close";

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => bytes.Length + (NamesOthers(bytes) ? Addition.Length : 0);

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var length = Latin1.GetChars(bytes, chars);
        if (!NamesOthers(bytes)) return length;
        Addition.CopyTo(chars[length..]);
        return length + Addition.Length;
    }

    public override int GetMaxCharCount(int byteCount) => byteCount + Addition.Length;

    // The usual ones name only fields that are removed in any case.
    private static bool NamesOthers(ReadOnlySpan<byte> bytes)
    {
        foreach (var range in bytes.Split((byte)','))
        {
            var option = bytes[range].Trim(" \t"u8);
            var usual = option.Length switch
            {
                0 => true,
                2 => Ascii.EqualsIgnoreCase(option, "te"u8),
                5 => Ascii.EqualsIgnoreCase(option, "close"u8),
                7 => Ascii.EqualsIgnoreCase(option, "upgrade"u8) || Ascii.EqualsIgnoreCase(option, "trailer"u8),
                10 => Ascii.EqualsIgnoreCase(option, "keep-alive"u8),
                14 => Ascii.EqualsIgnoreCase(option, "http2-settings"u8),
                16 => Ascii.EqualsIgnoreCase(option, "proxy-connection"u8),
                _ => false,
            };
            if (!usual) return true;
        }

        return false;
    }
}
