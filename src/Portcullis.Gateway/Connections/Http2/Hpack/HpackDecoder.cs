using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Decodes the header blocks of one connection (RFC 7541), strictly: what an encoder must not send is an error even where it could be understood.
/// Not thread safe. Once a block was refused the table is no longer the encoder's: the connection has to end, with COMPRESSION_ERROR.
/// </summary>
/// <remarks>
/// Nothing is allocated but for entries that come into the table and for names that nobody knows. Between blocks it holds its table
/// (see <see cref="DecoderTable"/>) and at most eight short names. The limit on a block's length is the caller's; decoding takes time in
/// proportion to it, and while it lasts room for its longest string, at most 1.6 times the block.
/// </remarks>
internal sealed class HpackDecoder
{
    /// <summary>What both sides begin with (RFC 9113 §6.5.2).</summary>
    public const int InitialTableSize = 4096;

    private readonly int announced;
    private readonly DecoderTable table = new(InitialTableSize);
    private readonly UnknownNames names = new();
    private int most; // that the encoder may make of the table
    private RentedArray scratch;

    /// <param name="maximumTableSize">What is announced as SETTINGS_HEADER_TABLE_SIZE, octets; see <see cref="Acknowledged"/>.</param>
    public HpackDecoder(int maximumTableSize)
    {
        announced = maximumTableSize;
        most = Math.Max(announced, InitialTableSize);
    }

    /// <summary>
    /// Says that the peer has acknowledged the settings. Until then it may use the initial size, although less was announced. Its next block is to
    /// begin by saying that it no longer does (RFC 9113 §4.3.1), but one that uses no table may have nothing to say, as .NET's client; what stood
    /// beyond the announced size is gone, and who refers to it makes an error.
    /// </summary>
    public void Acknowledged()
    {
        most = announced;
        if (table.Capacity > most) table.SetCapacity(most);
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">All of it: HEADERS and its CONTINUATION.</param>
    /// <param name="sink">Takes the fields. It may have got some before an error is found.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? Decode(ReadOnlySpan<byte> block, IFieldSink sink)
    {
        var reader = new BlockReader(block);
        if (ReadSizeUpdates(ref reader) is { } error) return error;
        try
        {
            return ReadFields(ref reader, sink);
        }
        finally
        {
            scratch.Return();
        }
    }

    // RFC 7541 §4.2: only before all fields, and no more than the smallest and the final size.
    private string? ReadSizeUpdates(ref BlockReader reader)
    {
        for (var updates = 0; !reader.IsEmpty && (reader.Next & 0xE0) == 0x20; updates++)
        {
            if (updates == 2) return "a header block has more than two size updates (RFC 7541 §4.2)";
            if (reader.ReadInteger(5, out var capacity) is { } error) return error;
            if (capacity > most) return "a size update exceeds SETTINGS_HEADER_TABLE_SIZE (RFC 7541 §6.3)";
            table.SetCapacity(capacity);
        }

        return null;
    }

    private string? ReadFields(ref BlockReader reader, IFieldSink sink)
    {
        var isWanted = true;
        while (!reader.IsEmpty)
        {
            var first = reader.Next;
            string? error;
            if ((first & 0x80) != 0) error = ReadIndexed(ref reader, sink, ref isWanted);
            else if ((first & 0x40) != 0) error = ReadLiteral(ref reader, 6, isAdded: true, sink, ref isWanted);
            else if ((first & 0x20) == 0) error = ReadLiteral(ref reader, 4, isAdded: false, sink, ref isWanted); // never indexed is no different here
            else return "a size update stands behind a field (RFC 7541 §4.2)";
            if (error is not null) return error;
        }

        return null;
    }

    // RFC 7541 §6.1.
    private string? ReadIndexed(ref BlockReader reader, IFieldSink sink, ref bool isWanted)
    {
        if (reader.ReadInteger(7, out var index) is { } error) return error;
        if (index == 0) return "an indexed field has the index 0 (RFC 7541 §6.1)";
        if (!IsInTables(index)) return "an index is beyond the tables (RFC 7541 §2.3.3)";
        ref readonly var entry = ref EntryAt(index);
        isWanted = isWanted && sink.TakeText(entry.Name, entry.Value, entry.IsValueValid);
        return null;
    }

    // RFC 7541 §6.2.
    private string? ReadLiteral(ref BlockReader reader, int prefixBits, bool isAdded, IFieldSink sink, ref bool isWanted)
    {
        if (ReadName(ref reader, prefixBits, out var name) is { } nameError) return nameError;
        if (ReadText(ref reader, out var value) is { } valueError) return valueError;

        // RFC 7541 §4.4: the name may be that of an entry which is removed to make room; it is ours by now.
        if (isAdded && table.MakeRoom(HpackEntry.Size(name.Text.Length, value.Length)))
        {
            ref readonly var entry = ref table.Add(new HpackEntry(name, value));
            isWanted = isWanted && sink.TakeText(entry.Name, entry.Value, entry.IsValueValid);
        }
        else
        {
            isWanted = isWanted && sink.TakeOctets(name, value);
        }

        return null;
    }

    private string? ReadName(ref BlockReader reader, int prefixBits, out FieldName name)
    {
        name = default;
        if (reader.ReadInteger(prefixBits, out var index) is { } error) return error;
        if (index == 0)
        {
            if (ReadText(ref reader, out var octets) is { } textError) return textError;
            if (!FieldName.TryKnown(octets, out name)) name = names.Read(octets);
            return null;
        }

        if (!IsInTables(index)) return "a name's index is beyond the tables (RFC 7541 §2.3.3)";
        name = EntryAt(index).Name;
        return null;
    }

    // A string as text, good until the next is read.
    private string? ReadText(ref BlockReader reader, out ReadOnlySpan<byte> text)
    {
        var error = reader.ReadString(out text, out var isHuffman);
        if (error is not null || !isHuffman) return error;
        var room = HuffmanDecoder.MostLength(text.Length);
        if (scratch.Array is not { } array || array.Length < room)
        {
            scratch.Return();
            scratch = RentedArray.Rent(room);
        }

        error = HuffmanDecoder.Decode(text, scratch.Array, out var length);
        text = scratch.Array.AsSpan(0, length);
        return error;
    }

    private bool IsInTables(int index) => index <= StaticTable.Count + table.Count;

    private ref readonly HpackEntry EntryAt(int index)
    {
        if (index <= StaticTable.Count) return ref StaticTable.Entry(index);
        return ref table[index - StaticTable.Count - 1];
    }
}
