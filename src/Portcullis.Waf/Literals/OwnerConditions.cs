using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>
/// The conditions of many owners, tested together: for each class of bytes a row of bits says whose sets it belongs to, so that the rows of the bytes that
/// occur in a value say for all owners at once what one by one would take a test each. Immutable.
/// </summary>
internal sealed class OwnerConditions
{
    /// <summary>A row has the owners of the first set, of the second, and those that the byte rules out.</summary>
    private const int Parts = 3;

    private readonly int words;

    /// <summary>Words of a row, filled up to whole vectors.</summary>
    private readonly int width;

    /// <summary>Bytes that no set tells apart are one class.</summary>
    private readonly byte[] classes = new byte[256];

    private readonly ulong[] rows;

    /// <summary>Lengths, ascending from 0, from which on the row of the same index in <see cref="byLength"/> holds.</summary>
    private readonly int[] lengths;

    /// <summary>Whose shortest and longest length a value keeps.</summary>
    private readonly ulong[] byLength;

    /// <param name="requirements">Of all owners; the place is the owner.</param>
    /// <param name="isIncluded">Which of them are tested here.</param>
    public OwnerConditions(IReadOnlyList<MatchRequirement> requirements, Func<MatchRequirement, bool> isIncluded)
    {
        words = (requirements.Count + 63) / 64;
        width = ((Parts * words) + Vector256<ulong>.Count - 1) / Vector256<ulong>.Count * Vector256<ulong>.Count;
        var owners = Enumerable.Range(0, requirements.Count).Where(owner => isIncluded(requirements[owner])).ToList();
        var all = new List<ulong[]>();
        for (var one = 0; one < 256; one++)
        {
            var row = RowOf((byte)one, requirements, owners, width);
            var known = all.FindIndex(other => other.AsSpan().SequenceEqual(row));
            if (known < 0)
            {
                known = all.Count;
                all.Add(row);
            }

            classes[one] = (byte)known;
        }

        rows = [.. all.SelectMany(row => row)];
        lengths = [.. owners.SelectMany(owner => new[] { requirements[owner].MinLength, Behind(requirements[owner].MaxLength) }).Append(0).Distinct().Order()];
        byLength = new ulong[lengths.Length * words];
        for (var at = 0; at < lengths.Length; at++)
        {
            foreach (var owner in owners.Where(owner => lengths[at] >= requirements[owner].MinLength && lengths[at] <= requirements[owner].MaxLength))
                Set(byLength.AsSpan(at * words), owner);
        }
    }

    /// <summary>Sets the bits of the owners here whose conditions a value meets. Of an empty value only the length is asked.</summary>
    public void Add(int length, in ByteSet present, Span<ulong> candidates)
    {
        var at = lengths.Length - 1;
        while (lengths[at] > length) at--;
        var kept = byLength.AsSpan(at * words, words);
        if (length == 0)
        {
            for (var word = 0; word < words; word++) candidates[word] |= kept[word];
            return;
        }

        Span<ulong> met = stackalloc ulong[width];
        met.Clear();
        Span<ulong> seen = stackalloc ulong[ByteSet.Words];
        seen.Clear();
        for (var part = 0; part < ByteSet.Words; part++)
        {
            for (var left = present.Word(part); left != 0; left &= left - 1)
            {
                int one = classes[(part * 64) + BitOperations.TrailingZeroCount(left)];
                if ((seen[one >> 6] >> one & 1) != 0) continue;
                seen[one >> 6] |= 1UL << one;
                Or(met, rows.AsSpan(one * width, width));
            }
        }

        for (var word = 0; word < words; word++) candidates[word] |= kept[word] & met[word] & met[words + word] & ~met[(2 * words) + word];
    }

    private static void Or(Span<ulong> into, ReadOnlySpan<ulong> from)
    {
        ref var target = ref MemoryMarshal.GetReference(into);
        ref var source = ref MemoryMarshal.GetReference(from);
        for (nuint word = 0; word < (nuint)into.Length; word += (nuint)Vector256<ulong>.Count)
            (Vector256.LoadUnsafe(ref target, word) | Vector256.LoadUnsafe(ref source, word)).StoreUnsafe(ref target, word);
    }

    // Of a set that any value meets, all bytes: only the empty value has none of them.
    private static ulong[] RowOf(byte one, IReadOnlyList<MatchRequirement> requirements, List<int> owners, int width)
    {
        var words = (requirements.Count + 63) / 64;
        var row = new ulong[width];
        foreach (var owner in owners)
        {
            var requirement = requirements[owner];
            if (requirement.Sets.Length < 1 || requirement.Sets[0].Contains(one)) Set(row, owner);
            if (requirement.Sets.Length < 2 || requirement.Sets[1].Contains(one)) Set(row.AsSpan(words), owner);
            if (!requirement.Allowed.Contains(one)) Set(row.AsSpan(2 * words), owner);
        }

        return row;
    }

    private static void Set(Span<ulong> bits, int owner) => bits[owner >> 6] |= 1UL << owner;

    private static int Behind(int length) => length == int.MaxValue ? length : length + 1;
}
