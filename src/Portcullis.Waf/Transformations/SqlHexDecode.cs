using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>sqlHexDecode</c>: hexadecimal literals of SQL: <c>0x</c> and the pairs of digits behind it become the bytes they write. A literal right behind another
/// is one as well, as in ModSecurity 3; version 2 copies what stands behind a literal unread.
/// </summary>
internal sealed class SqlHexDecode() : Transformation("sqlHexDecode", ByteSet.Of("xX"u8))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        // The zero before the first x has been copied already.
        var i = Math.Max(from - 1, 0);
        var length = i;
        while (i < value.Length)
        {
            int code;
            if (value[i] != '0' || i + 1 == value.Length || (value[i + 1] | 0x20) != 'x' || (code = Hex.Pair(value, i + 2)) < 0)
            {
                destination[length++] = value[i++];
                continue;
            }

            for (i += 2; code >= 0; code = Hex.Pair(value, i))
            {
                destination[length++] = (byte)code;
                i += 2;
            }
        }

        return length;
    }
}
