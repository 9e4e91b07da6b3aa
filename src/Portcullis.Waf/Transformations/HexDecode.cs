using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>hexDecode</c>: a byte of each two hexadecimal digits; an odd one at the end goes. As in ModSecurity 2 and 3, nothing is refused: a byte that is no
/// digit counts as the number that the arithmetic of digits makes of it. Coraza refuses the value.
/// </summary>
internal sealed class HexDecode() : Transformation("hexDecode", ByteSet.All)
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = 0;
        for (var i = 0; i + 1 < value.Length; i += 2)
            destination[length++] = (byte)((Loose(value[i]) << 4) + Loose(value[i + 1]));
        return length;
    }

    private static int Loose(byte value) => value >= 'A' ? (value & 0xdf) - 'A' + 10 : value - '0';
}
