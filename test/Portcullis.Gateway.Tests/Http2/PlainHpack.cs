using System.Text;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Tests.Http2;

/// <summary>
/// As little HPACK (RFC 7541) as a hostile client needs: encodes every field as a literal without indexing and without Huffman coding, so any
/// octets can be sent; decodes what a server sends to a client with a dynamic table of size 0.
/// </summary>
internal static class PlainHpack
{
    // RFC 7541 appendix A, from index 1.
    private static readonly (string Name, string Value)[] StaticTable =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"),
        (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
        ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""), ("content-range", ""), ("content-type", ""),
        ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
        ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    public static byte[] Encode(IEnumerable<(string Name, string Value)> fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    public static List<(string Name, string Value)> Decode(ReadOnlySpan<byte> block)
    {
        var fields = new List<(string, string)>();
        var at = 0;
        while (at < block.Length)
        {
            var first = block[at];
            if ((first & 0x80) != 0)
            {
                fields.Add(StaticTable[ReadNumber(block, ref at, 7) - 1]);
            }
            else if ((first & 0xE0) == 0x20)
            {
                ReadNumber(block, ref at, 5); // dynamic table size update
            }
            else
            {
                var index = ReadNumber(block, ref at, (first & 0xC0) == 0x40 ? 6 : 4);
                var name = index == 0 ? ReadText(block, ref at) : StaticTable[index - 1].Name;
                fields.Add((name, ReadText(block, ref at)));
            }
        }

        return fields;
    }

    private static void WriteText(MemoryStream block, string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        WriteNumber(block, octets.Length);
        block.Write(octets);
    }

    private static void WriteNumber(MemoryStream block, int number)
    {
        if (number < 127)
        {
            block.WriteByte((byte)number);
            return;
        }

        block.WriteByte(127);
        for (number -= 127; number >= 128; number >>= 7) block.WriteByte((byte)((number & 0x7F) | 0x80));
        block.WriteByte((byte)number);
    }

    private static int ReadNumber(ReadOnlySpan<byte> block, ref int at, int prefixBits)
    {
        var limit = (1 << prefixBits) - 1;
        var number = block[at++] & limit;
        if (number < limit) return number;
        for (var shift = 0; ; shift += 7)
        {
            var octet = block[at++];
            number += (octet & 0x7F) << shift;
            if ((octet & 0x80) == 0) return number;
        }
    }

    private static string ReadText(ReadOnlySpan<byte> block, ref int at)
    {
        var isCoded = (block[at] & 0x80) != 0;
        var length = ReadNumber(block, ref at, 7);
        at += length;
        var octets = block.Slice(at - length, length);
        if (!isCoded) return Encoding.Latin1.GetString(octets);
        var text = new byte[HuffmanDecoder.MostLength(length)];
        if (HuffmanDecoder.Decode(octets, text, out var decoded) is { } error) throw new InvalidDataException(error);
        return Encoding.Latin1.GetString(text, 0, decoded);
    }
}
