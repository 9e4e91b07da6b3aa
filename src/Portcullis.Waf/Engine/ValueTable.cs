using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Engine;

/// <summary>
/// The values of one transaction, each known by a number. What costs is computed when first wanted and then kept: which bytes a value contains, what each
/// chain of transformations makes of it (another value, or itself), which patterns of the whole rule set can match it at all. So each distinct value is
/// scanned once, however many rules look at it. Not safe for concurrent use.
/// </summary>
internal sealed class ValueTable(Arena arena, TransformationChains chains, Prefilter prefilter)
{
    // Short values only, few probes: values made to collide are just not shared.
    private const int MaximumShared = 64;
    private const int MaximumProbes = 4;
    private const int SharedSlots = 1024;

    // No transformation makes more than eight bytes of one, so that lengths stay whole numbers.
    private const int MaximumTransformed = int.MaxValue / 8;

    private Entry[] entries = new Entry[128];
    private int[] results = new int[2048];
    private int resultsUsed;
    private ulong[] candidates = new ulong[1024];
    private int candidatesUsed;
    private readonly (int Generation, int Value)[] shared = new (int, int)[SharedSlots];
    private int generation = 1;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int value] => entries[value].Bytes.Span;

    public Slice Slice(int value) => entries[value].Bytes;

    /// <summary>
    /// The number of a value. Equal short values mostly get one number (names of arguments are repeated often, and transformations of different order come to
    /// the same), so that what is known of one is known of all.
    /// </summary>
    public int Add(Slice bytes)
    {
        if (bytes.Length > MaximumShared) return AddNew(bytes);

        var hash = Hash(bytes.Span);
        for (var probe = 0; probe < MaximumProbes; probe++)
        {
            ref var slot = ref shared[(hash + probe) & (SharedSlots - 1)];
            if (slot.Generation != generation)
            {
                slot = (generation, AddNew(bytes));
                return slot.Value;
            }

            if (entries[slot.Value].Bytes.Span.SequenceEqual(bytes.Span)) return slot.Value;
        }

        return AddNew(bytes);
    }

    private int AddNew(Slice bytes)
    {
        if (Count == entries.Length) Array.Resize(ref entries, entries.Length * 2);
        arena.Charge(Unsafe.SizeOf<Entry>());
        entries[Count] = new Entry { Bytes = bytes, Results = -1, Candidates = -1 };
        return Count++;
    }

    /// <summary>Which bytes the value contains.</summary>
    public ref readonly ByteSet Present(int value)
    {
        ref var entry = ref entries[value];
        if (!entry.IsScanned)
        {
            entry.Present = ByteSet.Of(entry.Bytes.Span);
            entry.IsScanned = true;
        }

        return ref entry.Present;
    }

    /// <summary>The value that a chain of transformations makes of this one; the same number where nothing changes.</summary>
    public int Transform(int value, int chain)
    {
        if (chain == 0 || chains.IsIdentity(chain, Present(value))) return value;

        var row = entries[value].Results;
        if (row < 0)
        {
            row = entries[value].Results = Reserve(ref results, ref resultsUsed, chains.Count);
        }
        else if (results[row + chain] is > 0 and var known)
        {
            return known - 1;
        }

        // Not deeper than TransformationChains.MaximumLength.
        var before = Transform(value, chains.Parent(chain));
        var result = Apply(before, chain);
        results[row + chain] = result + 1;
        return result;
    }

    /// <summary>Whether a pattern can match the value.</summary>
    public bool IsCandidate(int value, int pattern) => (Candidates(value)[pattern >> 6] >> pattern & 1) != 0;

    /// <summary>A bit for each pattern of the rule set: clear if the pattern can't match the value.</summary>
    public ReadOnlySpan<ulong> Candidates(int value)
    {
        var row = entries[value].Candidates;
        if (row < 0)
        {
            row = entries[value].Candidates = Reserve(ref candidates, ref candidatesUsed, prefilter.WordCount);
            prefilter.Candidates(entries[value].Bytes.Span, Present(value), candidates.AsSpan(row, prefilter.WordCount));
        }

        return candidates.AsSpan(row, prefilter.WordCount);
    }

    public void Clear()
    {
        // References into blocks that go back to the pool must not stay.
        Array.Clear(entries, 0, Count);
        Count = resultsUsed = candidatesUsed = 0;
        generation++;
        // Many transactions are pooled: one large request must not enlarge them all for ever.
        if (entries.Length > 4 * 1024) entries = new Entry[128];
        if (results.Length > 64 * 1024) results = new int[2048];
        if (candidates.Length > 32 * 1024) candidates = new ulong[1024];
    }

    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            bytes = bytes[8..];
        }

        foreach (var one in bytes) hash = (hash ^ one) * 0x100000001B3;
        return (int)(hash >> 33);
    }

    private int Apply(int value, int chain)
    {
        var step = chains.Step(chain);
        if (!step.CanChange(Present(value))) return value;

        var bytes = entries[value].Bytes.Span;
        var maximum = bytes.Length <= MaximumTransformed ? step.MaximumLength(bytes.Length) : int.MaxValue;
        // Without room the value stands as it is; the evaluation is over then.
        if (!arena.HasRoom(maximum)) return value;
        return step.TryApply(bytes, arena.Reserve(maximum), out var written) ? Add(arena.Commit(written)) : value;
    }

    private int Reserve<T>(ref T[] pool, ref int used, int size)
        where T : struct
    {
        if (used + size > pool.Length) Array.Resize(ref pool, Math.Max(pool.Length * 2, used + size));
        Array.Clear(pool, used, size);
        arena.Charge((long)size * Unsafe.SizeOf<T>());
        used += size;
        return used - size;
    }

    private struct Entry
    {
        public Slice Bytes;
        public ByteSet Present;
        public bool IsScanned;
        public int Results;
        public int Candidates;
    }
}
