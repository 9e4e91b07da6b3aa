using System.Buffers.Binary;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Encodes strings in Huffman code (RFC 7541 §5.2). Thread safe.</summary>
internal static class HuffmanEncoder
{
    /// <summary>Octets that a string takes.</summary>
    public static int LengthOf(ReadOnlySpan<byte> text)
    {
        var bits = 0L;
        var lengths = HuffmanCode.Lengths;
        foreach (var octet in text) bits += lengths[octet];
        return (int)((bits + 7) / 8);
    }

    /// <summary>Writes a string.</summary>
    /// <param name="text">The string.</param>
    /// <param name="coded">Exactly <see cref="LengthOf"/> octets.</param>
    public static void Encode(ReadOnlySpan<byte> text, Span<byte> coded)
    {
        var lengths = HuffmanCode.Lengths;
        var codes = HuffmanCode.Codes;
        var window = 0UL;
        var bits = 0; // not yet written, the lowest of the window
        foreach (var octet in text)
        {
            window = (window << lengths[octet]) | codes[octet];
            bits += lengths[octet];
            if (bits < 32) continue;
            bits -= 32;
            BinaryPrimitives.WriteUInt32BigEndian(coded, (uint)(window >> bits));
            coded = coded[sizeof(uint)..];
        }

        // Padded with ones, the beginning of EOS.
        var padding = -bits & 7;
        window = (window << padding) | ((1UL << padding) - 1);
        bits += padding;
        for (var i = 0; bits > 0; i++)
        {
            bits -= 8;
            coded[i] = (byte)(window >> bits);
        }
    }
}
