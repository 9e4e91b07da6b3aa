using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>escapeSeqDecode</c>: escape sequences of C: <c>\n</c> and its like, <c>\xHH</c>, one to three octal digits of which the low byte counts.
/// Of any other escape the backslash goes. A backslash at the end stays.
/// </summary>
internal sealed class EscapeSeqDecode() : Transformation("escapeSeqDecode", ByteSet.Of((byte)'\\'))
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
            int code;
            if (escaped is (byte)'x' or (byte)'X' && (code = Hex.Pair(value, i + 2)) >= 0)
            {
                destination[length++] = (byte)code;
                i += 4;
            }
            else if (AsciiClass.IsOctal(escaped))
            {
                i += 1 + CEscape.ReadOctal(value[(i + 1)..], out code);
                destination[length++] = (byte)code;
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
