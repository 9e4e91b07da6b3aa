using System.Globalization;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// What <c>urlDecodeUni</c> makes of a code of 16 bits. Read from a file of the form of ModSecurity's <c>unicode.mapping</c> (SecUnicodeMapFile): for each
/// code page a line with its number and name, then pairs <c>code:byte</c> in hexadecimal, separated by white space. Immutable.
/// </summary>
internal sealed class UnicodeMap
{
    private readonly byte[] bytes = new byte[0x10000];

    private UnicodeMap()
    {
        for (var code = 0; code < bytes.Length; code++)
            bytes[code] = FullWidth.ToByte(code);
    }

    /// <summary>No map, as in ModSecurity without SecUnicodeMapFile: full-width ASCII becomes ASCII, of any other code the low byte counts.</summary>
    public static UnicodeMap None { get; } = new();

    /// <summary>Code page 20127, which the recommended configuration of ModSecurity chooses.</summary>
    public static UnicodeMap Default { get; } = OfCodePage20127();

    /// <summary>The byte of a code from 0 to FFFF.</summary>
    public byte ToByte(int code) => bytes[code & 0xffff];

    /// <summary>Reads the map of one code page.</summary>
    /// <param name="file">The whole text of the file.</param>
    /// <param name="codePage">As SecUnicodeMapFile names it, for example 20127.</param>
    /// <param name="error">In words, or null.</param>
    /// <returns>The map, or null where the file lacks the code page or a pair of it is not of the form.</returns>
    public static UnicodeMap? Read(string file, int codePage, out string? error)
    {
        error = null;
        UnicodeMap? map = null;
        var number = 0;
        foreach (var line in file.AsSpan().EnumerateLines())
        {
            number++;
            var text = line.Trim();
            if (text.IsEmpty || text[0] == '#') continue;
            if (!text.Contains(':'))
            {
                if (map is not null) return map;
                if (HasNumber(text, codePage)) map = WithDots();
            }
            else if (map is not null && !map.TryAdd(text))
            {
                error = $"line {number}: not pairs of hexadecimal numbers, code:byte";
                return null;
            }
        }

        if (map is null) error = $"code page {codePage} is not in the file";
        return map;
    }

    private static bool HasNumber(ReadOnlySpan<char> heading, int codePage)
    {
        var end = heading.IndexOfAny(" \t(");
        return int.TryParse(end < 0 ? heading : heading[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == codePage;
    }

    private static UnicodeMap OfCodePage20127()
    {
        var map = WithDots();
        foreach (var (ascii, others) in CodePage20127.BestFit)
        {
            foreach (var other in others)
                map.bytes[other] = (byte)ascii;
        }

        return map;
    }

    /// <summary>The full stops that RFC 3490, section 3.1, has domain names take for a dot; ModSecurity adds them to each map.</summary>
    private static UnicodeMap WithDots()
    {
        var map = new UnicodeMap();
        map.bytes[0x3002] = (byte)'.';
        map.bytes[0xff0e] = (byte)'.';
        map.bytes[0xff61] = (byte)'.';
        return map;
    }

    private bool TryAdd(ReadOnlySpan<char> pairs)
    {
        foreach (var range in pairs.SplitAny(" \t"))
        {
            var pair = pairs[range];
            if (pair.IsEmpty) continue;
            var colon = pair.IndexOf(':');
            if (colon < 0
                || !ushort.TryParse(pair[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                || !byte.TryParse(pair[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one))
            {
                return false;
            }

            bytes[code] = one;
        }

        return true;
    }
}
