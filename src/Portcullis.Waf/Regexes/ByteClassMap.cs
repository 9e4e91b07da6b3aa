using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>Which bytes a pattern can't tell apart: they share a column of the automaton's table.</summary>
internal sealed class ByteClassMap
{
    private readonly byte[] classOf = new byte[256];
    private readonly byte[] samples;

    public ByteClassMap(RegexProgram program)
    {
        var count = 1;
        Span<short> split = stackalloc short[256];
        foreach (var set in program.Sets)
        {
            count = Refine(set, count, split);
        }

        if (program.AsksForWords) count = Refine(ByteClasses.Word, count, split);
        if (program.AsksForLineFeeds) count = Refine(ByteSet.Of((byte)'\n'), count, split);
        Count = count;
        samples = new byte[count];
        for (var value = 255; value >= 0; value--)
        {
            samples[classOf[value]] = (byte)value;
        }
    }

    public int Count { get; }

    /// <summary>The class of each byte.</summary>
    public byte[] ClassOf => classOf;

    /// <summary>A byte of the class.</summary>
    public byte SampleOf(int number) => samples[number];

    /// <summary>Parts each class that is partly in <paramref name="set"/>; the lowest byte of a class keeps its number.</summary>
    private int Refine(in ByteSet set, int count, Span<short> split)
    {
        if (count == 256) return count;

        // For each class: the number of its bytes outside the set, and inside.
        Span<bool> isInside = stackalloc bool[256];
        Span<bool> isSeen = stackalloc bool[256];
        isSeen.Clear();
        split.Fill(-1);
        for (var value = 0; value < 256; value++)
        {
            var number = classOf[value];
            var inside = set.Contains((byte)value);
            if (!isSeen[number])
            {
                (isSeen[number], isInside[number]) = (true, inside);
            }
            else if (inside != isInside[number])
            {
                if (split[number] < 0) split[number] = (short)count++;
                classOf[value] = (byte)split[number];

                // The new class is met only through the old one: mark it so that it isn't taken for unseen.
                (isSeen[split[number]], isInside[split[number]]) = (true, inside);
            }
        }

        return count;
    }
}
