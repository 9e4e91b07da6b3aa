using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>jsDecode</c>: escape sequences of JavaScript: <c>\uHHHH</c>, of which the low byte counts and full-width ASCII (U+FF01 to U+FF5E) becomes ASCII,
/// <c>\xHH</c>, octal up to 377, <c>\n</c> and its like. Of any other escape the backslash goes. A backslash at the end stays.
/// </summary>
internal sealed class JsDecode() : Transformation("jsDecode", ByteSet.Of((byte)'\\'))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        for (var i = from; i < value.Length;)
        {
            if (value[i] != '\\' || i + 1 == value.Length)
            {
                destination[length++] = value[i++];
                continue;
            }

            var escaped = value[i + 1];
            int high;
            int low;
            if (escaped == 'u' && (high = Hex.Pair(value, i + 2)) >= 0 && (low = Hex.Pair(value, i + 4)) >= 0)
            {
                destination[length++] = FullWidth.ToByte((high << 8) | low);
                i += 6;
            }
            else if (escaped == 'x' && (low = Hex.Pair(value, i + 2)) >= 0)
            {
                destination[length++] = (byte)low;
                i += 4;
            }
            else if (AsciiClass.IsOctal(escaped))
            {
                var digits = CEscape.ReadOctal(value[(i + 1)..], out var code);
                if (code > byte.MaxValue)
                {
                    code >>= 3;
                    digits--;
                }

                destination[length++] = (byte)code;
                i += 1 + digits;
            }
            else
            {
                destination[length++] = CEscape.Control(escaped);
                i += 2;
            }
        }

        return length;
    }
}
