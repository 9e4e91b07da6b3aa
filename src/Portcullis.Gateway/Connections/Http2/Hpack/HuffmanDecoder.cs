using System.Buffers.Binary;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Decodes strings in Huffman code (RFC 7541 §5.2), nearly always two symbols at a time. Thread safe.</summary>
internal static class HuffmanDecoder
{
    // Bits that one look into the table decides: two symbols of text, which have 5 or 6 bits, mostly. 8 KiB.
    private const int TableBits = 11;

    // Codes longer than that are those of control characters, of octets beyond US-ASCII and of # > $ @ [ ] ~ ^ } < ` { \ alone.
    private const int FirstLong = TableBits + 1;

    private static readonly uint[] Table = BuildTable();

    // All symbols in the order of their codes, and for each length of code where its symbols begin, its first code, and the end of its codes
    // when they are written from the highest of 32 bits on.
    private static readonly ushort[] Symbols = BuildSymbols();
    private static readonly int[] Starts = new int[HuffmanCode.Longest + 1];
    private static readonly uint[] Firsts = new uint[HuffmanCode.Longest + 1];
    private static readonly ulong[] Ends = BuildEnds();

    /// <summary>Room that decoding needs: no symbol has less than five bits, and one octet more may be written over.</summary>
    public static int MostLength(int coded) => (int)(((long)coded * 8) / HuffmanCode.Shortest) + 1;

    /// <summary>Decodes a string.</summary>
    /// <param name="coded">All of it.</param>
    /// <param name="text">At least <see cref="MostLength"/> octets.</param>
    /// <param name="length">Octets of <paramref name="text"/>.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Decode(ReadOnlySpan<byte> coded, Span<byte> text, out int length)
    {
        var window = 0UL; // bits not yet decoded, from the highest on; behind them zeros, or what comes next anyway
        var bits = 0; // of the window
        var at = 0;
        length = 0;
        while (true)
        {
            if (coded.Length - at >= sizeof(ulong))
            {
                window |= BinaryPrimitives.ReadUInt64BigEndian(coded[at..]) >> bits;
                at += (63 - bits) >> 3;
                bits |= 56;
            }
            else
            {
                for (; bits <= 56 && at < coded.Length; bits += 8) window |= (ulong)coded[at++] << (56 - bits);
                if (bits < HuffmanCode.Longest) break;
            }

            do
            {
                var found = new Found(Table[window >> (64 - TableBits)]);
                if (found.Count == 0)
                {
                    var symbol = FindLong(window, out var used);
                    if (symbol == HuffmanCode.EndOfString) return "a Huffman-coded string holds EOS (RFC 7541 §5.2)";
                    text[length++] = (byte)symbol;
                    window <<= used;
                    bits -= used;
                    continue;
                }

                text[length] = found.First;
                text[length + 1] = found.Second;
                length += found.Count;
                window <<= found.Bits;
                bits -= found.Bits;
            }
            while (bits >= HuffmanCode.Longest);
        }

        return DecodeEnd(window, bits, text, ref length);
    }

    // Symbol by symbol, since the bits behind the last are none.
    private static string? DecodeEnd(ulong window, int bits, Span<byte> text, ref int length)
    {
        while (bits > 0)
        {
            var found = new Found(Table[window >> (64 - TableBits)]);
            var (symbol, used) = ((int)found.First, found.FirstBits);
            if (found.Count == 0) symbol = FindLong(window, out used);
            if (used > bits) break;
            text[length++] = (byte)symbol;
            window <<= used;
            bits -= used;
        }

        // RFC 7541 §5.2: the most significant bits of EOS, which are all ones, and less than 8 of them.
        if (bits >= 8) return "a Huffman-coded string has more than 7 bits of padding, or ends within a symbol (RFC 7541 §5.2)";
        return bits > 0 && (window >> (64 - bits)) != (1UL << bits) - 1 ? "a Huffman-coded string's padding is not that of EOS (RFC 7541 §5.2)" : null;
    }

    private static int FindLong(ulong window, out int bits)
    {
        var code = (uint)(window >> 32);
        for (bits = FirstLong; code >= Ends[bits];) bits++;
        return Symbols[Starts[bits] + (int)((code >> (32 - bits)) - Firsts[bits])];
    }

    private static uint[] BuildTable()
    {
        var table = new uint[1 << TableBits];
        for (var prefix = 0; prefix < table.Length; prefix++)
        {
            if (FindShort(prefix, TableBits) is not { } first) continue; // stays a Found without symbols
            var firstBits = HuffmanCode.Lengths[first];
            var rest = TableBits - firstBits;
            table[prefix] = FindShort(prefix & ((1 << rest) - 1), rest) is { } second
                ? Found.Two(first, firstBits, second, firstBits + HuffmanCode.Lengths[second])
                : Found.One(first, firstBits);
        }

        return table;
    }

    // The symbol whose code stands at the beginning of some bits.
    private static int? FindShort(int code, int bits)
    {
        for (var symbol = 0; symbol < HuffmanCode.EndOfString; symbol++)
        {
            var length = HuffmanCode.Lengths[symbol];
            if (length <= bits && code >> (bits - length) == HuffmanCode.Codes[symbol]) return symbol;
        }

        return null;
    }

    private static ushort[] BuildSymbols()
        => [.. Enumerable.Range(0, HuffmanCode.Codes.Length).OrderBy(static symbol => HuffmanCode.Codes[symbol] << (32 - HuffmanCode.Lengths[symbol])).Select(static symbol => (ushort)symbol)];

    private static ulong[] BuildEnds()
    {
        var ends = new ulong[HuffmanCode.Longest + 1];
        for (var i = Symbols.Length - 1; i >= 0; i--)
        {
            var code = HuffmanCode.Codes[Symbols[i]];
            var bits = HuffmanCode.Lengths[Symbols[i]];
            if (ends[bits] == 0) ends[bits] = (code + 1UL) << (32 - bits);
            Starts[bits] = i;
            Firsts[bits] = code;
        }

        // A length that no code has ends where the length before does: nothing is of it.
        for (var bits = HuffmanCode.Shortest; bits < ends.Length; bits++) ends[bits] = Math.Max(ends[bits], ends[bits - 1]);
        return ends;
    }

    /// <summary>What <see cref="TableBits"/> bits begin with: none, one or two whole symbols.</summary>
    private readonly struct Found(uint packed)
    {
        public byte First => (byte)packed;

        public byte Second => (byte)(packed >> 8);

        public int Bits => (int)(packed >> 16) & 0xF;

        public int FirstBits => (int)(packed >> 20) & 0xF;

        public int Count => (int)(packed >> 24);

        public static uint One(int symbol, int bits) => (uint)(symbol | (bits << 16) | (bits << 20) | (1 << 24));

        public static uint Two(int first, int firstBits, int second, int bits) => (uint)(first | (second << 8) | (bits << 16) | (firstBits << 20) | (2 << 24));
    }
}
