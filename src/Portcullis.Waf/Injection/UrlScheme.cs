namespace Portcullis.Waf.Injection;

/// <summary>Reads the scheme of a URL in an attribute, as browsers do that decode character references and ignore what does not belong there.</summary>
internal static class UrlScheme
{
    /// <summary>The longest of the schemes, <c>VIEW-SOURCE</c>.</summary>
    private const int Longest = 11;

    /// <summary>No code point is beyond; the reference stops a little earlier than Unicode ends.</summary>
    private const int MaximumReference = 0x1000FF;

    /// <summary>Whether a URL runs or contains what it shows: <c>data</c>, <c>javascript</c>, <c>java</c>, <c>vbscript</c>, <c>view-source</c>.</summary>
    public static bool IsActive(ReadOnlySpan<byte> url)
    {
        Span<byte> start = stackalloc byte[Longest];
        start = start[..Decode(url, start)];
        return start.StartsWith("DATA"u8) || start.StartsWith("JAVA"u8) || start.StartsWith("VBSCRIPT"u8) || start.SequenceEqual("VIEW-SOURCE"u8);
    }

    /// <summary>
    /// The first characters that count, in upper case: none of the white space, controls and bytes beyond ASCII before them, no zero and no
    /// line feed between them. Of a character reference only the lowest byte is kept; the reference compares no more.
    /// </summary>
    private static int Decode(ReadOnlySpan<byte> url, Span<byte> destination)
    {
        var leading = url.IndexOfAnyInRange((byte)'!', (byte)'~');
        if (leading < 0)
            return 0;
        url = url[leading..];

        var length = 0;
        while (length < destination.Length && !url.IsEmpty)
        {
            var character = DecodeOne(ref url);
            if (character is 0 or '\n' || (length == 0 && character <= ' '))
                continue;
            destination[length++] = (byte)(character is >= 'a' and <= 'z' ? character - 0x20 : character);
        }

        return length;
    }

    /// <summary>Takes a byte or a numeric character reference off the start. Named references are left as they are: none is needed for a scheme.</summary>
    private static int DecodeOne(ref ReadOnlySpan<byte> url)
    {
        if (!url.StartsWith("&#"u8))
            return TakeByte(ref url);

        var isHex = url.Length > 2 && (url[2] | 0x20) == 'x';
        var (at, value) = (isHex ? 3 : 2, 0);
        var first = at;
        while (at < url.Length && DigitOf(url[at], isHex) is var digit and >= 0)
        {
            value = (value * (isHex ? 16 : 10)) + digit;
            if (value > MaximumReference)
                return TakeByte(ref url);
            at++;
        }

        if (at == first)
            return TakeByte(ref url);
        if (at < url.Length && url[at] == ';')
            at++;
        url = url[at..];
        return value;
    }

    private static int TakeByte(ref ReadOnlySpan<byte> url)
    {
        var one = url[0];
        url = url[1..];
        return one;
    }

    private static int DigitOf(byte value, bool isHex)
    {
        if (char.IsAsciiDigit((char)value))
            return value - '0';
        return isHex && char.IsAsciiHexDigit((char)value) ? (value | 0x20) - 'a' + 10 : -1;
    }
}
