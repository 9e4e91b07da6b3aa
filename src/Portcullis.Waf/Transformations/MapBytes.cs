using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// Transformations that make one byte of each byte, whatever stands around it: <c>uppercase</c>, <c>replaceNulls</c>, <c>parityEven7bit</c>, …
/// </summary>
internal sealed class MapBytes : Transformation
{
    private readonly byte[] map;

    private MapBytes(string name, byte[] map)
        : base(name, Changed(map)) => this.map = map;

    /// <summary>Of a function of one byte.</summary>
    public static MapBytes Of(string name, Func<byte, byte> function)
    {
        var map = new byte[256];
        for (var value = 0; value < map.Length; value++)
            map[value] = function((byte)value);
        return new MapBytes(name, map);
    }

    /// <summary>
    /// Sets the high bit where the other bits would otherwise not have the parity that is asked for, and clears it elsewhere. As in ModSecurity,
    /// it is the parity of all eight bits that decides.
    /// </summary>
    public static byte WithParity(byte value, bool isEven)
    {
        var isOdd = (System.Numerics.BitOperations.PopCount(value) & 1) != 0;
        return (byte)(isOdd == isEven ? value | 0x80 : value & 0x7f);
    }

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var bytes = map;
        var to = destination[..value.Length];
        for (var i = from; i < value.Length; i++)
            to[i] = bytes[value[i]];
        return value.Length;
    }

    private static ByteSet Changed(byte[] map)
    {
        var changed = ByteSet.Empty;
        for (var value = 0; value < map.Length; value++)
        {
            if (map[value] != value) changed |= ByteSet.Of((byte)value);
        }

        return changed;
    }
}
