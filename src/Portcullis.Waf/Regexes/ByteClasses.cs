using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// The classes of bytes that escapes and POSIX names stand for, as PCRE2 has them without UTF and with its built-in tables (C locale):
/// letters, digits and case are those of ASCII. Source: pcre2pattern(3).
/// </summary>
internal static class ByteClasses
{
    public static readonly ByteSet Digit = ByteSet.Range((byte)'0', (byte)'9');
    public static readonly ByteSet Lower = ByteSet.Range((byte)'a', (byte)'z');
    public static readonly ByteSet Upper = ByteSet.Range((byte)'A', (byte)'Z');
    public static readonly ByteSet Alpha = Lower | Upper;
    public static readonly ByteSet Alphanumeric = Alpha | Digit;
    public static readonly ByteSet Word = Alphanumeric | ByteSet.Of((byte)'_');

    /// <summary><c>\s</c>: with the vertical tab.</summary>
    public static readonly ByteSet Space = ByteSet.Range(9, 13) | ByteSet.Of((byte)' ');

    /// <summary><c>\h</c>: space, tab and the no-break space of Latin-1.</summary>
    public static readonly ByteSet HorizontalSpace = ByteSet.Of(9, (byte)' ', 0xA0);

    /// <summary><c>\v</c>: line ends, with the next-line control of Latin-1.</summary>
    public static readonly ByteSet VerticalSpace = ByteSet.Range(10, 13) | ByteSet.Of(0x85);

    public static readonly ByteSet Graph = ByteSet.Range(33, 126);

    public static readonly ByteSet NotLineFeed = ~ByteSet.Of((byte)'\n');

    /// <summary>The set of a POSIX name such as <c>alpha</c>; false if there is no such name.</summary>
    public static bool TryFind(ReadOnlySpan<byte> name, out ByteSet set)
    {
        (bool isKnown, set) = System.Text.Encoding.Latin1.GetString(name) switch
        {
            "alpha" => (true, Alpha),
            "lower" => (true, Lower),
            "upper" => (true, Upper),
            "alnum" => (true, Alphanumeric),
            "ascii" => (true, ByteSet.Range(0, 127)),
            "blank" => (true, ByteSet.Of(9, (byte)' ')),
            "cntrl" => (true, ByteSet.Range(0, 31) | ByteSet.Of(127)),
            "digit" => (true, Digit),
            "graph" => (true, Graph),
            "print" => (true, ByteSet.Range(32, 126)),
            "punct" => (true, Graph & ~Alphanumeric),
            "space" => (true, Space),
            "word" => (true, Word),
            "xdigit" => (true, Digit | ByteSet.Range((byte)'a', (byte)'f') | ByteSet.Range((byte)'A', (byte)'F')),
            _ => (false, default),
        };
        return isKnown;
    }

    /// <summary>The set and the other case of its ASCII letters.</summary>
    public static ByteSet WithBothCases(in ByteSet set)
    {
        var both = set;
        for (var lower = (byte)'a'; lower <= (byte)'z'; lower++)
        {
            var upper = (byte)(lower - 32);
            if (set.Contains(lower) || set.Contains(upper)) both |= ByteSet.Of(lower, upper);
        }

        return both;
    }
}
