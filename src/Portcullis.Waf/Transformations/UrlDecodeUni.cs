using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>urlDecodeUni</c>: as <see cref="UrlDecode"/>, and <c>%uHHHH</c>, which IIS takes: its byte in the <see cref="UnicodeMap"/>, else the ASCII of a
/// full-width form (U+FF01 to U+FF5E), else its low byte. What is invalid stays; of an invalid <c>%u</c> both characters.
/// </summary>
internal sealed class UrlDecodeUni(UnicodeMap map) : Transformation("urlDecodeUni", ByteSet.Of("%+"u8))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        for (var i = from; i < value.Length; i++)
        {
            var one = value[i];
            if (one == '+')
            {
                one = (byte)' ';
            }
            else if (one == '%')
            {
                int high;
                int low;
                if ((low = Hex.Pair(value, i + 1)) >= 0)
                {
                    one = (byte)low;
                    i += 2;
                }
                else if (i + 1 < value.Length && (value[i + 1] | 0x20) == 'u' && (high = Hex.Pair(value, i + 2)) >= 0 && (low = Hex.Pair(value, i + 4)) >= 0)
                {
                    one = map.ToByte((high << 8) | low);
                    i += 5;
                }
            }

            destination[length++] = one;
        }

        return length;
    }
}
