using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// The dynamic table of an encoder (RFC 7541 §2.3.2, §4), with lists of entries by name, so that a field is found without looking at others.
/// </summary>
/// <remarks>
/// Entries have numbers, in the order in which they were added; each knows the one before it in its list. Numbers may wrap around: what a stale one
/// leads to is compared like any other, and never more than <see cref="MostSteps"/> are.
/// Memory: a slot of the ring (24 octets, at most half of them free) and the string of each entry, which is the caller's where it came as text; less than 4 KiB
/// beside the strings.
/// </remarks>
internal sealed class EncoderTable
{
    private const int FewestSlots = 16;

    /// <summary>Most entries that one search looks at; an older one of the same name is not found and may be added once more.</summary>
    private const int MostSteps = 8;

    private Entry[] ring = []; // a power of two
    private uint[] latest = []; // number of the last entry in each list
    private uint newest; // its number, and how many there have been
    private int count;
    private int size;

    public int Capacity { get; private set; } = HpackDecoder.InitialTableSize;

    /// <summary>Makes the table smaller or larger, and removes what has no more room (RFC 7541 §4.3).</summary>
    public void SetCapacity(int value)
    {
        Capacity = value;
        Evict(value);
    }

    /// <summary>The index of a field (RFC 7541 §2.3.3); 0 when it is not in the table.</summary>
    public int Find(FieldForm form, string value)
    {
        var search = new Search(this, form);
        while (search.Next())
        {
            if (string.Equals(ring[search.Slot].Value, value, StringComparison.Ordinal)) return search.Index;
        }

        return 0;
    }

    /// <summary>The index of a field (RFC 7541 §2.3.3); 0 when it is not in the table.</summary>
    public int Find(FieldForm form, ReadOnlySpan<byte> value)
    {
        var search = new Search(this, form);
        while (search.Next())
        {
            if (Ascii.Equals(value, ring[search.Slot].Value)) return search.Index;
        }

        return 0;
    }

    /// <summary>The index of any field of a name; 0 when there is none in the table.</summary>
    public int FindName(FieldForm form)
    {
        var search = new Search(this, form);
        return search.Next() ? search.Index : 0;
    }

    /// <summary>Adds a field, which has room in the table when others go (RFC 7541 §4.4).</summary>
    /// <param name="form">Its name.</param>
    /// <param name="value">Its value, US-ASCII only.</param>
    public void Add(FieldForm form, string value)
    {
        var entrySize = HpackEntry.Size(form.Name.Length, value.Length);
        Evict(Capacity - entrySize);
        if (count == ring.Length) Grow();
        if (latest.Length == 0) latest = new uint[FieldForm.Slots];
        newest++;
        ring[SlotOf(newest)] = new Entry { Form = form, Value = value, Before = latest[form.Slot] };
        latest[form.Slot] = newest;
        count++;
        size += entrySize;
    }

    private int SlotOf(uint number) => (int)(number & (uint)(ring.Length - 1));

    private void Evict(int most)
    {
        while (size > most)
        {
            ref var oldest = ref ring[SlotOf(newest - (uint)--count)];
            size -= HpackEntry.Size(oldest.Form.Name.Length, oldest.Value.Length);
            oldest = default;
        }
    }

    private void Grow()
    {
        var larger = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(FewestSlots, count + 1))];
        for (var i = 0u; i < count; i++) larger[(newest - i) & (uint)(larger.Length - 1)] = ring[SlotOf(newest - i)];
        ring = larger;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public FieldForm Form { get; init; }

        public string Value { get; init; }

        public uint Before { get; init; }
    }

    /// <summary>Goes through the entries of a name, the newest first.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Search(EncoderTable table, FieldForm form)
    {
        private uint next = table.latest.Length == 0 ? 0 : table.latest[form.Slot];
        private int steps;

        public int Slot { get; private set; }

        public int Index { get; private set; }

        public bool Next()
        {
            // Numbers begin with 1, so that 0 is as far back as there have been entries, and no entry.
            for (; table.newest - next < (uint)table.count && steps < MostSteps; steps++)
            {
                Slot = table.SlotOf(next);
                Index = StaticTable.Count + 1 + (int)(table.newest - next);
                ref var entry = ref table.ring[Slot];
                next = entry.Before;
                if (ReferenceEquals(entry.Form, form) || entry.Form.IsOf(form.Name)) return true;
            }

            return false;
        }
    }
}
