using System.Diagnostics;
using System.Globalization;
using System.Text;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Encodes the header blocks of the responses of one connection (RFC 7541). Not thread safe: blocks have to be encoded in the order in which they are
/// sent, one after the other.
/// </summary>
/// <remarks>
/// <para>A field that repeats is put into the dynamic table when the same value comes for the second time, in Huffman code, since it is sent once.
/// What is not put into the table is sent as it is: coding a value that is new each time costs more than its few octets less save.</para>
/// <para>Nothing is allocated but for fields that come into the table and for names that <see cref="Fields.KnownFields"/> lacks. Between
/// blocks it holds its table (see <see cref="EncoderTable"/>), 128 hashes and at most 16 forms of unknown names.</para>
/// </remarks>
internal sealed class HpackEncoder
{
    /// <summary>Most of the peer's table that is used, octets: what both sides begin with, so that a usual peer has to be told nothing.</summary>
    private const int MostTableSize = HpackDecoder.InitialTableSize;

    private readonly EncoderTable table = new();
    private readonly SeenFields seen = new();
    private readonly UnknownForms unknown = new();
    private OutputBuffer? output;
    private int announcedSize = MostTableSize; // that the peer's decoder knows of
    private int smallestSize = MostTableSize; // since then

    /// <summary>Takes the peer's SETTINGS_HEADER_TABLE_SIZE. Not within a block.</summary>
    public void SetMaximumTableSize(uint fromPeer)
    {
        var size = (int)Math.Min(fromPeer, MostTableSize);
        smallestSize = Math.Min(smallestSize, size);
        table.SetCapacity(size);
    }

    /// <summary>Begins a block, which is written to the end of some output.</summary>
    public void Begin(OutputBuffer to)
    {
        output = to;

        // RFC 7541 §4.2: the smallest size that there was, which may have emptied the table, and the final one.
        var wasSmaller = smallestSize < Math.Min(announcedSize, table.Capacity);
        if (wasSmaller) WriteSizeUpdate(smallestSize);
        if (wasSmaller || table.Capacity != announcedSize) WriteSizeUpdate(table.Capacity);
        announcedSize = smallestSize = table.Capacity;
    }

    /// <summary>Writes <c>:status</c>, which comes first (RFC 9113 §8.3).</summary>
    public void WriteStatus(int status)
    {
        var index = status switch
        {
            200 => StaticTable.FirstStatus,
            204 => StaticTable.FirstStatus + 1,
            206 => StaticTable.FirstStatus + 2,
            304 => StaticTable.FirstStatus + 3,
            400 => StaticTable.FirstStatus + 4,
            404 => StaticTable.FirstStatus + 5,
            500 => StaticTable.FirstStatus + 6,
            _ => 0,
        };

        if (index > 0)
        {
            WriteIndex(index);
            return;
        }

        if (status is < 100 or > 999) throw new ArgumentOutOfRangeException(nameof(status), status, "A status has three digits (RFC 9110 §15).");
        Span<byte> digits = stackalloc byte[3];
        status.TryFormat(digits, out _, default, CultureInfo.InvariantCulture);
        Write(FieldForms.Status, digits);
    }

    /// <summary>Writes a field.</summary>
    /// <param name="name">A token in any case of letters.</param>
    /// <param name="value">The value, each char an octet; checked by the caller.</param>
    public void Write(string name, string value)
    {
        var form = FormOf(name);
        if (string.Equals(form.StaticValue, value, StringComparison.Ordinal))
        {
            WriteIndex(form.StaticIndex);
            return;
        }

        if (form.Indexing == Indexing.Repeated)
        {
            var index = table.Find(form, value);
            if (index > 0)
            {
                WriteIndex(index);
                return;
            }

            if (MayBeAdded(form, value.Length) && seen.IsSecond(form, value) && Ascii.IsValid(value))
            {
                WriteAdded(form, value);
                return;
            }
        }

        var room = BeginLiteral(form, value.Length, out var length);
        output!.Advance(length + HpackString.Write(room[length..], value));
    }

    /// <summary>Writes a field.</summary>
    /// <param name="name">A token in any case of letters.</param>
    /// <param name="value">The value's octets, checked by the caller.</param>
    public void Write(string name, ReadOnlySpan<byte> value) => Write(FormOf(name), value);

    private void Write(FieldForm form, ReadOnlySpan<byte> value)
    {
        if (form.StaticValue is { } fixedValue && Ascii.Equals(value, fixedValue))
        {
            WriteIndex(form.StaticIndex);
            return;
        }

        if (form.Indexing == Indexing.Repeated)
        {
            var index = table.Find(form, value);
            if (index > 0)
            {
                WriteIndex(index);
                return;
            }

            if (MayBeAdded(form, value.Length) && seen.IsSecond(form, value) && Ascii.IsValid(value))
            {
                WriteAdded(form, Encoding.ASCII.GetString(value));
                return;
            }
        }

        var room = BeginLiteral(form, value.Length, out var length);
        output!.Advance(length + HpackString.Write(room[length..], value));
    }

    private FieldForm FormOf(string name) => FieldForms.Find(name) ?? unknown.Of(name);

    // One field alone does not get more than half of the table.
    private bool MayBeAdded(FieldForm form, int valueLength) => HpackEntry.Size(form.Name.Length, valueLength) <= table.Capacity / 2;

    // RFC 7541 §6.1.
    private void WriteIndex(int index)
    {
        Debug.Assert(output is not null, "A field belongs to a block.");
        output.Advance(HpackInteger.Write(output.Reserve(HpackInteger.MostLength), 0x80, 7, index));
    }

    // RFC 7541 §6.3.
    private void WriteSizeUpdate(int size) => output!.Advance(HpackInteger.Write(output.Reserve(HpackInteger.MostLength), 0x20, 5, size));

    // RFC 7541 §6.2.2, §6.2.3.
    private Span<byte> BeginLiteral(FieldForm form, int valueLength, out int length)
    {
        var room = output!.Reserve(form.Literal.Length + HpackInteger.MostLength + HpackString.MostLength(valueLength));
        form.Literal.CopyTo(room);
        length = form.Literal.Length;
        return room;
    }

    // RFC 7541 §6.2.1.
    private void WriteAdded(FieldForm form, string value)
    {
        var room = output!.Reserve(form.Added.Length + HpackInteger.MostLength + HpackString.MostLength(value.Length));
        int length;
        if (form.StaticIndex == 0 && table.FindName(form) is > 0 and var index)
        {
            length = HpackInteger.Write(room, 0x40, 6, index);
        }
        else
        {
            form.Added.CopyTo(room);
            length = form.Added.Length;
        }

        Span<byte> octets = stackalloc byte[MostTableSize / 2];
        octets = octets[..Encoding.ASCII.GetBytes(value, octets)];
        output.Advance(length + HpackString.WriteShorter(room[length..], octets));
        table.Add(form, value);
    }
}
