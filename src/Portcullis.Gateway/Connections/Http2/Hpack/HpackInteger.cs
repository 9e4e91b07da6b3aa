namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Writes integers with a prefix (RFC 7541 §5.1).</summary>
internal static class HpackInteger
{
    /// <summary>Octets that any of them takes at most.</summary>
    public const int MostLength = 6;

    /// <summary>Writes an integer, which is not negative, and returns how many octets it took.</summary>
    /// <param name="to">At least <see cref="MostLength"/> octets, or as many as the integer is known to take.</param>
    /// <param name="form">The bits before the prefix, the prefix zero.</param>
    /// <param name="prefixBits">Bits of the first octet that belong to the integer.</param>
    /// <param name="value">The integer.</param>
    public static int Write(Span<byte> to, int form, int prefixBits, int value)
    {
        var limit = (1 << prefixBits) - 1;
        if (value < limit)
        {
            to[0] = (byte)(form | value);
            return 1;
        }

        to[0] = (byte)(form | limit);
        var length = 1;
        for (value -= limit; value >= 0x80; value >>= 7) to[length++] = (byte)(value | 0x80);
        to[length++] = (byte)value;
        return length;
    }
}
