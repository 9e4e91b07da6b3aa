using System.Numerics;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>The dynamic table of a decoder (RFC 7541 §2.3.2, §4): what the peer's encoder told it to remember, the newest first.</summary>
/// <remarks>
/// Memory: an entry takes two octets for each char, two strings' heads (44 octets) and a slot of the ring (32 octets, and at most one free one),
/// where RFC 7541 counts one octet for each char and 32. So a table never takes more than four times its capacity and 512 octets; a new one
/// takes nothing.
/// </remarks>
internal sealed class DecoderTable(int capacity)
{
    private const int FewestSlots = 16;

    private HpackEntry[] ring = []; // a power of two
    private int newest;
    private int size;

    public int Count { get; private set; }

    /// <summary>The size that the encoder last stated (RFC 7541 §4.2).</summary>
    public int Capacity { get; private set; } = capacity;

    /// <summary>An entry; the newest is 0, and the index is less than <see cref="Count"/>. Good until the next change.</summary>
    public ref readonly HpackEntry this[int index] => ref ring[(newest - index) & (ring.Length - 1)];

    /// <summary>Makes the table smaller or larger, and removes what has no more room (RFC 7541 §4.3).</summary>
    public void SetCapacity(int value)
    {
        Capacity = value;
        Evict(value);
    }

    /// <summary>Makes room for an entry of some size; where it has none in the whole table, the table is empty then (RFC 7541 §4.4).</summary>
    /// <returns>Whether there is room.</returns>
    public bool MakeRoom(int entrySize)
    {
        Evict(Math.Max(0, Capacity - entrySize));
        return entrySize <= Capacity;
    }

    /// <summary>Adds an entry, for which there is room.</summary>
    public ref readonly HpackEntry Add(in HpackEntry entry)
    {
        if (Count == ring.Length) Grow();
        newest = (newest + 1) & (ring.Length - 1);
        ref var added = ref ring[newest];
        added = entry;
        Count++;
        size += SizeOf(entry);
        return ref added;
    }

    private static int SizeOf(in HpackEntry entry) => HpackEntry.Size(entry.Name.Text.Length, entry.Value.Length);

    private void Evict(int most)
    {
        while (size > most)
        {
            ref var oldest = ref ring[(newest - --Count) & (ring.Length - 1)];
            size -= SizeOf(oldest);
            oldest = default;
        }
    }

    private void Grow()
    {
        var larger = new HpackEntry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(FewestSlots, Count + 1))];
        for (var i = 0; i < Count; i++) larger[Count - 1 - i] = this[i];
        newest = (Count - 1) & (larger.Length - 1);
        ring = larger;
    }
}
