using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>A set of strings in lower case, with how often one of them may be expected at a position of a value.</summary>
internal sealed class LiteralSet
{
    /// <summary>Strings longer than this are cut: what they would add to the choice is nothing, to the automaton much.</summary>
    public const int MaxLength = 12;

    private static readonly double[] Frequencies = ComputeFrequencies();

    private LiteralSet(byte[][] literals, double expected, int shortest)
        => (Literals, Expected, Shortest) = (literals, expected, shortest);

    private LiteralSet(byte[][] literals)
    {
        Literals = literals;
        var expected = 0.0;
        var shortest = int.MaxValue;
        foreach (var literal in literals)
        {
            var share = 1.0;
            foreach (var one in literal)
            {
                // Letters come in words: the next is likelier than alone.
                share *= Math.Min(Frequencies[one] * 1.5, 1);
            }

            expected += share;
            shortest = Math.Min(shortest, literal.Length);
        }

        (Expected, Shortest) = (expected, literals.Length == 0 ? 0 : shortest);
    }

    /// <summary>The set of the empty string.</summary>
    public static LiteralSet Empty { get; } = new([[]]);

    public byte[][] Literals { get; }

    public int Count => Literals.Length;

    public int Shortest { get; }

    /// <summary>The share of positions of an ordinary value at which one of the strings begins; less is better.</summary>
    public double Expected { get; }

    public static LiteralSet Of(IEnumerable<byte[]> literals)
    {
        var distinct = new HashSet<byte[]>(ByContent.Instance);
        foreach (var literal in literals)
        {
            distinct.Add(literal);
        }

        return new LiteralSet([.. distinct]);
    }

    public static LiteralSet Union(IEnumerable<LiteralSet> sets) => Of(sets.SelectMany(static set => set.Literals));

    /// <summary>All strings of the sets, with those that are in several: cheap where sets are many and large.</summary>
    public static LiteralSet Join(IReadOnlyCollection<LiteralSet> sets)
        => new([.. sets.SelectMany(static set => set.Literals)], sets.Sum(static set => set.Expected), sets.Min(static set => set.Shortest));

    /// <summary>Each string of this set followed by each of <paramref name="next"/>.</summary>
    public LiteralSet Times(LiteralSet next)
    {
        if (next.Count == 1 && next.Shortest == 0) return this;
        var products = new List<byte[]>(Count * next.Count);
        foreach (var left in Literals)
        {
            foreach (var right in next.Literals)
            {
                products.Add([.. left, .. right]);
            }
        }

        return Of(products);
    }

    /// <summary>The strings cut to <see cref="MaxLength"/>.</summary>
    public LiteralSet Cut() => Of(Literals.Select(static literal => literal.Length > MaxLength ? literal[..MaxLength] : literal));

    private sealed class ByContent : IEqualityComparer<byte[]>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] literal)
        {
            var hash = default(HashCode);
            hash.AddBytes(literal);
            return hash.ToHashCode();
        }
    }

    private static double[] ComputeFrequencies()
    {
        var frequencies = new double[256];
        for (var value = 0; value < 256; value++)
        {
            frequencies[LowerCase.Of((byte)value)] += ByteFrequencies.Of((byte)value);
        }

        return frequencies;
    }
}
