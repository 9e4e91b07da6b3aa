using System.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>htmlEntityDecode</c>: <c>&amp;#DD;</c>, <c>&amp;#xHH;</c> and the names quot, amp, lt, gt, nbsp in any case, the semicolon being optional. Of a number
/// the low byte counts; one beyond 63 bits counts as FF. Coraza knows all names of HTML.
/// </summary>
internal sealed class HtmlEntityDecode() : Transformation("htmlEntityDecode", ByteSet.Of((byte)'&'))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        for (var i = from; i < value.Length;)
        {
            if (value[i] != '&')
            {
                destination[length++] = value[i++];
                continue;
            }

            var used = Read(value[i..], out var code);
            if (code >= 0)
            {
                destination[length++] = (byte)code;
                i += used;
                if (i < value.Length && value[i] == ';') i++;
            }
            else
            {
                value.Slice(i, used).CopyTo(destination[length..]);
                length += used;
                i += used;
            }
        }

        return length;
    }

    /// <summary>Reads what starts with an ampersand.</summary>
    /// <param name="code">The byte of it, or -1 if this is no entity.</param>
    /// <returns>The bytes of the entity without its semicolon; if it is none, the bytes to copy.</returns>
    private static int Read(ReadOnlySpan<byte> value, out int code)
    {
        code = -1;
        if (value.Length > 1 && value[1] == '#')
        {
            var isHex = value.Length > 2 && (value[2] | 0x20) == 'x';
            var start = isHex ? 3 : 2;
            var end = ReadNumber(value, start, isHex ? 16 : 10, out var number);
            if (end > start) code = number;
            return end;
        }

        var length = 1;
        while (length < value.Length && AsciiClass.IsLetterOrDigit(value[length])) length++;
        code = Named(value[1..length]);
        return length;
    }

    private static int ReadNumber(ReadOnlySpan<byte> value, int at, int radix, out int code)
    {
        var number = 0L;
        for (; at < value.Length && Hex.Digit(value[at]) is var digit && digit >= 0 && digit < radix; at++)
            number = number > (long.MaxValue - digit) / radix ? long.MaxValue : (number * radix) + digit;
        code = (byte)number;
        return at;
    }

    private static int Named(ReadOnlySpan<byte> name)
    {
        if (Ascii.EqualsIgnoreCase(name, "quot"u8)) return '"';
        if (Ascii.EqualsIgnoreCase(name, "amp"u8)) return '&';
        if (Ascii.EqualsIgnoreCase(name, "lt"u8)) return '<';
        if (Ascii.EqualsIgnoreCase(name, "gt"u8)) return '>';
        return Ascii.EqualsIgnoreCase(name, "nbsp"u8) ? RemoveBytes.NoBreakSpace : -1;
    }
}
