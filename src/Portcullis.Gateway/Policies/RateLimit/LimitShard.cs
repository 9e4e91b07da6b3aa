namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// A part of the table with a lock of its own: a hash table with chains, in three flat arrays (32 bytes a key) that double up to the cap.
/// Nothing is allocated per check, and nothing runs when no request comes: cells whose time has passed are found and reused
/// when a new key needs room.
/// </summary>
internal sealed class LimitShard
{
    /// <summary>Cells looked at for one to reuse when the shard is full: bounds the work of a request in a flood of new keys.</summary>
    private const int SweepLength = 64;

    private const int InitialLength = 16;
    private const int None = -1;

    private readonly Lock gate = new();
    private readonly int capacity;
    private Cell[] cells = new Cell[InitialLength];
    private int[] next = new int[InitialLength];
    private int[] heads;
    private int count;
    private int hand;

    /// <param name="capacity">Most keys; a power of two, at least 16.</param>
    public LimitShard(int capacity)
    {
        this.capacity = capacity;
        heads = NewHeads(InitialLength);
    }

    /// <summary>Keys that hold a cell, including those whose time has passed.</summary>
    public int Count
    {
        get
        {
            lock (gate) return count;
        }
    }

    /// <summary>Counts one request for the key. False, when the shard is full of cells that are still in use and the key has none.</summary>
    public bool TryTake(UInt128 key, LimitRate rate, long now, out LimitStanding standing)
    {
        lock (gate)
        {
            var index = Find(key);
            if (index == None && !TryAdd(key, now, out index))
            {
                standing = default;
                return false;
            }

            standing = Gcra.Take(ref cells[index].FullAt, rate, now);
            return true;
        }
    }

    /// <summary>Takes back what was counted for the key. False, when it has no cell.</summary>
    public bool TryGiveBack(UInt128 key, LimitRate rate, in LimitStanding taken, TimeProvider clock)
    {
        lock (gate)
        {
            var index = Find(key);
            if (index == None) return false;
            Gcra.GiveBack(ref cells[index].FullAt, rate, taken, clock.GetTimestamp());
            return true;
        }
    }

    private int Find(UInt128 key)
    {
        var high = (ulong)(key >> 64);
        var low = (ulong)key;
        var index = heads[Slot(low)];
        while (index != None)
        {
            ref var cell = ref cells[index];
            if (cell.Low == low && cell.High == high) break;
            index = next[index];
        }

        return index;
    }

    private bool TryAdd(UInt128 key, long now, out int index)
    {
        if (count == cells.Length && count < capacity) Grow();
        if (count < cells.Length) index = count++;
        else if (!TryReclaim(now, out index)) return false;

        var low = (ulong)key;
        ref var head = ref heads[Slot(low)];
        cells[index] = new Cell { High = (ulong)(key >> 64), Low = low, FullAt = Gcra.Unused };
        next[index] = head;
        head = index;
        return true;
    }

    /// <summary>
    /// At the cap: takes the next cell whose time has passed out of its chain. One whose time has not is never given up,
    /// since that would give its client a full burst anew.
    /// </summary>
    private bool TryReclaim(long now, out int index)
    {
        for (var i = 0; i < SweepLength; i++)
        {
            index = hand;
            hand = (hand + 1) & (cells.Length - 1);
            if (cells[index].FullAt <= now)
            {
                Unlink(index);
                return true;
            }
        }

        index = None;
        return false;
    }

    private void Unlink(int index)
    {
        ref var link = ref heads[Slot(cells[index].Low)];
        while (link != index) link = ref next[link];
        link = next[index];
    }

    private void Grow()
    {
        var length = cells.Length * 2;
        Array.Resize(ref cells, length);
        Array.Resize(ref next, length);
        heads = NewHeads(length);
        for (var i = 0; i < count; i++)
        {
            ref var head = ref heads[Slot(cells[i].Low)];
            next[i] = head;
            head = i;
        }
    }

    /// <summary>The low half picks the chain; <see cref="LimitStore"/> picks the shard by the high half.</summary>
    private int Slot(ulong low) => (int)(low & (ulong)(heads.Length - 1));

    private static int[] NewHeads(int length)
    {
        var chains = new int[length];
        Array.Fill(chains, None);
        return chains;
    }

    /// <summary>The key in halves: an <see cref="UInt128"/> would be aligned to 16 bytes and cost 8 more.</summary>
    private struct Cell
    {
        public ulong High;
        public ulong Low;
        public long FullAt;
    }
}
