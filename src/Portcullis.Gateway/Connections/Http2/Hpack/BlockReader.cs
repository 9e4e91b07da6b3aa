namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Reads the integers and strings of a header block (RFC 7541 §5). What is wrong comes back in words, null where nothing is.</summary>
internal ref struct BlockReader(ReadOnlySpan<byte> block)
{
    // RFC 7541 §5.1 wants a limit. Four further octets hold any number that can be right: no block, table or string comes near 2^28.
    private const int MostFurtherOctets = 4;

    private ReadOnlySpan<byte> rest = block;

    public readonly bool IsEmpty => rest.IsEmpty;

    /// <summary>The next octet, which is there.</summary>
    public readonly byte Next => rest[0];

    /// <summary>Reads an integer that begins in the lowest bits of <see cref="Next"/>.</summary>
    public string? ReadInteger(int prefixBits, out int value)
    {
        var limit = (1 << prefixBits) - 1;
        value = rest[0] & limit;
        if (value == limit) return ReadFurther(ref value);
        rest = rest[1..];
        return null;
    }

    /// <summary>Reads a string's octets as they were sent (RFC 7541 §5.2).</summary>
    public string? ReadString(out ReadOnlySpan<byte> octets, out bool isHuffman)
    {
        octets = default;
        isHuffman = false;
        if (rest.IsEmpty) return "a header block ends before a string";
        isHuffman = (rest[0] & 0x80) != 0;
        if (ReadInteger(7, out var length) is { } error) return error;
        if (length > rest.Length) return "a string is longer than its header block";
        octets = rest[..length];
        rest = rest[length..];
        return null;
    }

    private string? ReadFurther(ref int value)
    {
        for (var i = 0; i < MostFurtherOctets; i++)
        {
            if (i + 1 >= rest.Length) return "a header block ends within an integer";
            var octet = rest[i + 1];
            value += (octet & 0x7F) << (7 * i);
            if ((octet & 0x80) != 0) continue;
            rest = rest[(i + 2)..];
            return null;
        }

        return "an integer is too long (RFC 7541 §5.1)";
    }
}
