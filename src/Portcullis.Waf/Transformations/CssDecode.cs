using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>cssDecode</c>: escapes of CSS 2.1, section 4.1.3. Of up to six hexadecimal digits the last two count, and with them the full-width form of ASCII
/// (U+FF01 to U+FF5E) becomes ASCII; one white space behind the digits belongs to them. A backslash before a line feed goes with it, one at the end goes,
/// any other leaves what it precedes. Coraza writes the escaped character as UTF-8 instead.
/// </summary>
internal sealed class CssDecode() : Transformation("cssDecode", ByteSet.Of((byte)'\\'))
{
    private const int MostDigits = 6;

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        for (var i = from; i < value.Length;)
        {
            if (value[i] != '\\')
            {
                destination[length++] = value[i++];
                continue;
            }

            i++;
            if (i == value.Length) break;
            var code = 0;
            var digits = 0;
            for (int digit; digits < MostDigits && i < value.Length && (digit = Hex.Digit(value[i])) >= 0; digits++, i++)
                code = (code << 4) | digit;

            if (digits > 0)
            {
                destination[length++] = FullWidth.ToByte(code);
                if (i < value.Length && AsciiClass.IsSpace(value[i])) i++;
            }
            else if (value[i] == '\n')
            {
                i++;
            }
            else
            {
                destination[length++] = value[i++];
            }
        }

        return length;
    }
}
