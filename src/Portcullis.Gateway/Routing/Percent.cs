namespace Portcullis.Gateway.Routing;

/// <summary>Percent-encoding of single octets (RFC 3986 section 2.1).</summary>
internal static class Percent
{
    private const string Digits = "0123456789ABCDEF";

    /// <summary>Reads the escape at the start of <paramref name="text"/>.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out byte octet)
    {
        octet = 0;
        if (text.Length < 3 || text[0] != '%' || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
            return false;

        octet = (byte)((Value(text[1]) << 4) | Value(text[2]));
        return true;
    }

    /// <summary>Writes <paramref name="octet"/> as an escape with upper-case digits and moves <paramref name="written"/> on.</summary>
    public static void Write(char octet, Span<char> output, ref int written)
    {
        output[written] = '%';
        output[written + 1] = Digits[(octet >> 4) & 0xF];
        output[written + 2] = Digits[octet & 0xF];
        written += 3;
    }

    private static int Value(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
