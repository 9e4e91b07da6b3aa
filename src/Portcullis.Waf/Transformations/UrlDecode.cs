using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>urlDecode</c>: <c>%HH</c> becomes its byte and <c>+</c> a space, once. A percent sign without two digits stays.</summary>
internal sealed class UrlDecode() : Transformation("urlDecode", ByteSet.Of("%+"u8))
{
    /// <summary>Decodes all of <paramref name="value"/>.</summary>
    /// <param name="invalid">Goes up by one for each percent sign without two digits.</param>
    /// <returns>The length of the result, never more than that of the value.</returns>
    public static int Decode(ReadOnlySpan<byte> value, Span<byte> destination, ref int invalid)
    {
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var one = value[i];
            if (one == '+')
            {
                one = (byte)' ';
            }
            else if (one == '%')
            {
                var code = Hex.Pair(value, i + 1);
                if (code >= 0)
                {
                    one = (byte)code;
                    i += 2;
                }
                else
                {
                    invalid++;
                }
            }

            destination[length++] = one;
        }

        return length;
    }

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var invalid = 0;
        return from + Decode(value[from..], destination[from..], ref invalid);
    }
}
