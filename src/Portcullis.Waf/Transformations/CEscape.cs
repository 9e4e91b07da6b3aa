using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>Parts of escape sequences that C and JavaScript have in common.</summary>
internal static class CEscape
{
    /// <summary>The control character that a letter stands for behind a backslash; any other byte stands for itself.</summary>
    public static byte Control(byte letter) => letter switch
    {
        (byte)'a' => 7,
        (byte)'b' => 8,
        (byte)'f' => 12,
        (byte)'n' => 10,
        (byte)'r' => 13,
        (byte)'t' => 9,
        (byte)'v' => 11,
        _ => letter,
    };

    /// <summary>Reads at most three octal digits.</summary>
    /// <returns>How many digits there are.</returns>
    public static int ReadOctal(ReadOnlySpan<byte> value, out int code)
    {
        code = 0;
        var digits = 0;
        for (; digits < 3 && digits < value.Length && AsciiClass.IsOctal(value[digits]); digits++)
            code = (code << 3) | (value[digits] - '0');
        return digits;
    }
}
