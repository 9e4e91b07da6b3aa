using System.Collections.Immutable;
using System.Net;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// An immutable set of address blocks with a look-up that allocates nothing and grows with the logarithm of the blocks:
/// overlapping blocks are merged into sorted ranges when the set is made.
/// </summary>
public sealed class CidrSet
{
    /// <summary>Holds no address.</summary>
    public static readonly CidrSet Empty = new([]);

    private readonly Range[] v4;
    private readonly Range[] v6;

    public CidrSet(IEnumerable<Cidr> blocks)
    {
        Blocks = [.. blocks];
        v4 = Merge(Blocks.Where(block => block.IsV4));
        v6 = Merge(Blocks.Where(block => !block.IsV4));
    }

    /// <summary>The blocks as they were given.</summary>
    public ImmutableArray<Cidr> Blocks { get; }

    public bool IsEmpty => v4.Length == 0 && v6.Length == 0;

    /// <summary>Whether any block holds the address. IPv4-mapped IPv6 counts as IPv4.</summary>
    public bool Contains(IPAddress address)
    {
        if (IsEmpty) return false;
        var number = Cidr.ToNumber(address, out var isV4);
        var ranges = isV4 ? v4 : v6;
        int low = 0, high = ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (number < ranges[middle].First) high = middle - 1;
            else if (number > ranges[middle].Last) low = middle + 1;
            else return true;
        }

        return false;
    }

    private static Range[] Merge(IEnumerable<Cidr> blocks)
    {
        var merged = new List<Range>();
        foreach (var block in blocks.OrderBy(block => block.First))
        {
            // Blocks either nest or are apart, so after sorting by start a block that begins inside the last range lies within it.
            if (merged.Count > 0 && block.First <= merged[^1].Last)
            {
                if (block.Last > merged[^1].Last) merged[^1] = new Range(merged[^1].First, block.Last);
            }
            else
            {
                merged.Add(new Range(block.First, block.Last));
            }
        }

        return [.. merged];
    }

    private readonly record struct Range(UInt128 First, UInt128 Last);
}
