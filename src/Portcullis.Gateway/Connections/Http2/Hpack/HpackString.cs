using System.Text;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Writes strings (RFC 7541 §5.2). Each returns the octets that it took.</summary>
internal static class HpackString
{
    private const int PrefixBits = 7;
    private const int IsHuffman = 0x80;

    /// <summary>Most octets that a string takes.</summary>
    public static int MostLength(int length) => HpackInteger.MostLength + length;

    public static int Write(Span<byte> to, ReadOnlySpan<byte> text)
    {
        var prefix = HpackInteger.Write(to, 0, PrefixBits, text.Length);
        text.CopyTo(to[prefix..]);
        return prefix + text.Length;
    }

    /// <summary>Writes text of which each char is one octet.</summary>
    public static int Write(Span<byte> to, string text)
    {
        var prefix = HpackInteger.Write(to, 0, PrefixBits, text.Length);
        return prefix + Encoding.Latin1.GetBytes(text, to[prefix..]);
    }

    /// <summary>Writes in Huffman code, unless that is no shorter.</summary>
    public static int WriteShorter(Span<byte> to, ReadOnlySpan<byte> text)
    {
        var length = HuffmanEncoder.LengthOf(text);
        if (length >= text.Length) return Write(to, text);
        var prefix = HpackInteger.Write(to, IsHuffman, PrefixBits, length);
        HuffmanEncoder.Encode(text, to.Slice(prefix, length));
        return prefix + length;
    }
}
