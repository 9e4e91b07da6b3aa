using System.Buffers.Binary;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Decodes strings in Huffman code (RFC 7541 §5.2), nearly always two symbols at a time. Thread safe.</summary>
internal static class HuffmanDecoder
{
    // Bits that one look into the table decides: two symbols of text, which have 5 or 6 bits, mostly. 16 KiB.
    private const int TableBits = 12;

    // Longer codes are those of control characters, of octets beyond US-ASCII and of $ @ [ ] ~ ^ } < ` { \ alone.
    private const int FirstLong = TableBits + 1;

    private static readonly uint[] Table = BuildTable();

    // All symbols in the order of their codes, and for each length of code where its symbols begin, its first code, and the end of its codes
    // when they are written from the highest of 32 bits on.
    private static readonly ushort[] Symbols = BuildSymbols();
    private static readonly int[] Starts = new int[HuffmanCode.Longest + 1];
    private static readonly uint[] Firsts = new uint[HuffmanCode.Longest + 1];
    private static readonly ulong[] Ends = BuildEnds();

    /// <summary>Room that decoding needs: no symbol has less than five bits, and two octets are written at a time.</summary>
    public static int MostLength(int coded) => (int)(((long)coded * 8) / HuffmanCode.Shortest) + 2;

    /// <summary>Decodes a string.</summary>
    /// <param name="coded">All of it.</param>
    /// <param name="text">At least <see cref="MostLength"/> octets.</param>
    /// <param name="length">Octets of <paramref name="text"/>.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Decode(ReadOnlySpan<byte> coded, Span<byte> text, out int length)
    {
        var window = 0UL; // bits to decode, from the highest on; behind them zeros, or those that come next
        var bits = 0; // of the window
        var at = 0;
        length = 0;
        while (true)
        {
            if (bits < HuffmanCode.Longest && at < coded.Length)
            {
                window |= ReadNext(coded, at) >> bits;
                var octets = Math.Min((63 - bits) >> 3, coded.Length - at);
                at += octets;
                bits += octets * 8;
            }

            var found = new Found(Table[window >> (64 - TableBits)]);
            if (found.Bits <= bits)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(text[length..], found.Symbols);
                length += found.Count;
                window <<= found.Bits;
                bits -= found.Bits;
                continue;
            }

            // A long code, or the last symbol: what stands behind it is none.
            var (symbol, used) = found.Count > 0 ? (found.First, found.FirstBits) : FindLong(window);
            if (used > bits) return CheckPadding(window, bits);
            if (symbol == HuffmanCode.EndOfString) return "a Huffman-coded string holds EOS (RFC 7541 §5.2)";
            text[length++] = (byte)symbol;
            window <<= used;
            bits -= used;
        }
    }

    // Eight octets from some place on, with zeros behind the last.
    private static ulong ReadNext(ReadOnlySpan<byte> coded, int at)
    {
        var left = coded.Length - at;
        if (left >= sizeof(ulong)) return BinaryPrimitives.ReadUInt64BigEndian(coded[at..]);
        if (coded.Length >= sizeof(ulong)) return BinaryPrimitives.ReadUInt64BigEndian(coded[^sizeof(ulong)..]) << (8 * (sizeof(ulong) - left));
        var next = 0UL;
        for (var i = 0; i < left; i++) next |= (ulong)coded[at + i] << (56 - (8 * i));
        return next;
    }

    // RFC 7541 §5.2: the most significant bits of EOS, which are all ones, and less than 8 of them.
    private static string? CheckPadding(ulong window, int bits)
    {
        if (bits >= 8) return "a Huffman-coded string has more than 7 bits of padding, or ends within a symbol (RFC 7541 §5.2)";
        return bits > 0 && (window >> (64 - bits)) != (1UL << bits) - 1 ? "a Huffman-coded string's padding is not that of EOS (RFC 7541 §5.2)" : null;
    }

    private static (int Symbol, int Bits) FindLong(ulong window)
    {
        var code = (uint)(window >> 32);
        var bits = FirstLong;
        while (code >= Ends[bits]) bits++;
        return (Symbols[Starts[bits] + (int)((code >> (32 - bits)) - Firsts[bits])], bits);
    }

    private static uint[] BuildTable()
    {
        var firsts = new int[1 << TableBits]; // the symbol that some bits begin with, -1 for none
        Array.Fill(firsts, -1);
        for (var symbol = 0; symbol < HuffmanCode.EndOfString; symbol++)
        {
            var unused = TableBits - HuffmanCode.Lengths[symbol];
            if (unused >= 0) firsts.AsSpan((int)HuffmanCode.Codes[symbol] << unused, 1 << unused).Fill(symbol);
        }

        var table = new uint[firsts.Length];
        for (var prefix = 0; prefix < table.Length; prefix++)
        {
            table[prefix] = Found.Long;
            var first = firsts[prefix];
            if (first < 0) continue;
            var bits = HuffmanCode.Lengths[first];
            var second = firsts[(prefix << bits) & (table.Length - 1)];
            table[prefix] = second >= 0 && bits + HuffmanCode.Lengths[second] <= TableBits
                ? Found.Two(first, bits, second, bits + HuffmanCode.Lengths[second])
                : Found.One(first, bits);
        }

        return table;
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
        /// <summary>No symbol, and more bits than there ever are.</summary>
        public const uint Long = 0xFFu << 16;

        public int First => (byte)packed;

        /// <summary>The first symbol, and from bit 8 on the second.</summary>
        public ushort Symbols => (ushort)packed;

        /// <summary>Of all symbols.</summary>
        public int Bits => (byte)(packed >> 16);

        public int FirstBits => (int)(packed >> 24) & 0xF;

        public int Count => (int)(packed >> 28);

        public static uint One(int symbol, int bits) => (uint)(symbol | (bits << 16) | (bits << 24) | (1 << 28));

        public static uint Two(int first, int firstBits, int second, int bits) => (uint)(first | (second << 8) | (bits << 16) | (firstBits << 24) | (2 << 28));
    }
}
