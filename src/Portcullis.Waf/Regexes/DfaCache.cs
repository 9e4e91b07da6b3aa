namespace Portcullis.Waf.Regexes;

/// <summary>
/// The states that a <see cref="LazyDfa"/> has built, and their transitions. A state is a row of <see cref="Table"/>, named by the row's offset. Readers take
/// no lock: a table's entry changes once, from 0 to a state that is complete; a table that got too small is copied and left to those who read it.
/// </summary>
internal sealed class DfaCache
{
    /// <summary>Bytes a pattern may hold without asking the budget.</summary>
    public const int OwnBytes = 32 * 1024;

    /// <summary>Bytes a pattern may hold at most. At the cap all states are dropped, as RE2 does.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    public const int Unknown = 0;

    private readonly int stride;
    private readonly Dictionary<long, long> successors = [];
    private int[] positions = new int[64];
    private int positionCount;
    private int[] lists = new int[64];
    private int listCount;
    private (int From, int Count, Surrounding Before, int Hash)[] states = new (int, int, Surrounding, int)[8];
    private int[] slots = new int[16];
    private int[] table;

    public DfaCache(int stride)
    {
        this.stride = stride;
        table = new int[8 * stride];
        StateCount = 1;
        Bytes = (table.Length + positions.Length + lists.Length + slots.Length + (states.Length * 4)) * sizeof(int);
    }

    public int[] Table => Volatile.Read(ref table);

    /// <summary>Rows in use, with the one that stands for no state.</summary>
    public int StateCount { get; private set; }

    /// <summary>About what all this takes.</summary>
    public int Bytes { get; private set; }

    public ReadOnlySpan<int> PositionsOf(int state)
    {
        var (from, count, _, _) = states[state / stride];
        return positions.AsSpan(from, count);
    }

    public Surrounding BeforeOf(int state) => states[state / stride].Before;

    /// <summary>Finds the state of these positions or adds it.</summary>
    public int Intern(ReadOnlySpan<int> members, Surrounding before)
    {
        var hash = Hash(members, before);
        var mask = slots.Length - 1;
        var slot = hash & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var (from, count, other, stored) = states[slots[slot]];
            if (stored == hash && other == before && members.SequenceEqual(positions.AsSpan(from, count))) return slots[slot] * stride;
        }

        var index = StateCount++;
        if (index == states.Length)
        {
            Bytes += states.Length * 16;
            Array.Resize(ref states, states.Length * 2);
        }

        states[index] = (positionCount, members.Length, before, hash);
        Append(ref positions, ref positionCount, members);
        if ((index + 1) * stride > table.Length)
        {
            Bytes += table.Length * sizeof(int);
            var larger = new int[table.Length * 2];
            table.CopyTo(larger, 0);
            Volatile.Write(ref table, larger);
        }

        slots[slot] = index;
        if (index * 2 > slots.Length) Rehash();
        return index * stride;
    }

    public void Link(int state, int column, int entry) => Volatile.Write(ref table[state + column], entry);

    /// <summary>The positions that follow a position by one byte, if they were worked out before.</summary>
    public bool TryGetSuccessors(long key, out ReadOnlySpan<int> list, out bool matches)
    {
        list = default;
        matches = false;
        if (!successors.TryGetValue(key, out var packed)) return false;
        matches = (packed & 1) != 0;
        list = lists.AsSpan((int)(packed >> 32), (int)(packed >> 1) & 0x7FFF_FFFF);
        return true;
    }

    public void AddSuccessors(long key, ReadOnlySpan<int> list, bool matches)
    {
        successors.Add(key, ((long)listCount << 32) | ((long)list.Length << 1) | (matches ? 1L : 0));
        Bytes += 40;
        Append(ref lists, ref listCount, list);
    }

    private void Append(ref int[] all, ref int used, ReadOnlySpan<int> added)
    {
        if (used + added.Length > all.Length)
        {
            Bytes += (Math.Max(all.Length * 2, used + added.Length) - all.Length) * sizeof(int);
            Array.Resize(ref all, Math.Max(all.Length * 2, used + added.Length));
        }

        added.CopyTo(all.AsSpan(used));
        used += added.Length;
    }

    private void Rehash()
    {
        Bytes += slots.Length * sizeof(int);
        slots = new int[slots.Length * 2];
        for (var index = 1; index < StateCount; index++)
        {
            var slot = states[index].Hash & (slots.Length - 1);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = index;
        }
    }

    private static int Hash(ReadOnlySpan<int> members, Surrounding before)
    {
        var hash = (uint)before + 0x9E3779B9u;
        foreach (var member in members)
        {
            hash = (System.Numerics.BitOperations.RotateLeft(hash, 5) ^ (uint)member) * 0x9E3779B1u;
        }

        return (int)((hash ^ (hash >> 15)) & int.MaxValue);
    }
}
