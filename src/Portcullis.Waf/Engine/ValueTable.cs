using System.Buffers.Binary;
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

    private GrowingArray<Entry> entries = new(128);
    private GrowingArray<int> results = new(2048);
    private int resultsUsed;
    private GrowingArray<ulong> candidates = new(1024);
    private int candidatesUsed;
    private readonly (int Generation, int Value)[] shared = new (int, int)[SharedSlots];
    private int generation = 1;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int value] => entries.Items[value].Bytes.Span;

    public Slice Slice(int value) => entries.Items[value].Bytes;

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

            if (entries.Items[slot.Value].Bytes.Span.SequenceEqual(bytes.Span)) return slot.Value;
        }

        return AddNew(bytes);
    }

    private int AddNew(Slice bytes)
    {
        entries.Reserve(Count, Count + 1, arena);
        entries.Items[Count] = new Entry { Bytes = bytes, Results = -1, Candidates = -1 };
        return Count++;
    }

    /// <summary>Which bytes the value contains.</summary>
    public ref readonly ByteSet Present(int value)
    {
        ref var entry = ref entries.Items[value];
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

        var row = entries.Items[value].Results;
        if (row < 0)
        {
            row = entries.Items[value].Results = Reserve(ref results, ref resultsUsed, chains.Count);
        }
        else if (results.Items[row + chain] is > 0 and var known)
        {
            return known - 1;
        }

        // Not deeper than TransformationChains.MaximumLength.
        var before = Transform(value, chains.Parent(chain));
        var result = Apply(before, chain);
        results.Items[row + chain] = result + 1;
        return result;
    }

    /// <summary>Whether a pattern can match the value.</summary>
    public bool IsCandidate(int value, int pattern) => (Candidates(value)[pattern >> 6] >> pattern & 1) != 0;

    /// <summary>A bit for each pattern of the rule set: clear if the pattern can't match the value.</summary>
    public ReadOnlySpan<ulong> Candidates(int value)
    {
        var row = entries.Items[value].Candidates;
        if (row < 0)
        {
            row = entries.Items[value].Candidates = Reserve(ref candidates, ref candidatesUsed, prefilter.WordCount);
            prefilter.Candidates(entries.Items[value].Bytes.Span, Present(value), candidates.Items.AsSpan(row, prefilter.WordCount));
        }

        return candidates.Items.AsSpan(row, prefilter.WordCount);
    }

    public void Clear()
    {
        entries.Clear(Count);
        results.Clear(resultsUsed);
        candidates.Clear(candidatesUsed);
        Count = resultsUsed = candidatesUsed = 0;
        generation++;
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

        var bytes = entries.Items[value].Bytes.Span;
        var maximum = bytes.Length <= MaximumTransformed ? step.MaximumLength(bytes.Length) : int.MaxValue;
        // Without room the value stands as it is; the evaluation is over then.
        if (!arena.HasRoom(maximum)) return value;
        return step.TryApply(bytes, arena.Reserve(maximum), out var written) ? Add(arena.Commit(written)) : value;
    }

    private int Reserve<T>(ref GrowingArray<T> pool, ref int used, int size)
        where T : struct
    {
        pool.Reserve(used, used + size, arena);
        Array.Clear(pool.Items, used, size);
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
