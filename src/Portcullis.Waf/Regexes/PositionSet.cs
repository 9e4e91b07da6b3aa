namespace Portcullis.Waf.Regexes;

/// <summary>A set of small numbers that remembers in which order they came; cleared in no time.</summary>
internal sealed class PositionSet
{
    private int[] places = [];
    private int[] members = [];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Members => members.AsSpan(0, Count);

    /// <summary>Empties the set and makes room for numbers below <paramref name="limit"/>.</summary>
    public void Clear(int limit)
    {
        Count = 0;
        if (places.Length >= limit) return;
        places = new int[limit];
        members = new int[limit];
    }

    /// <summary>False if it is in the set already.</summary>
    public bool Add(int number)
    {
        var place = places[number];
        if ((uint)place < (uint)Count && members[place] == number) return false;
        places[number] = Count;
        members[Count++] = number;
        return true;
    }

    public void Sort() => members.AsSpan(0, Count).Sort();

    /// <summary>The members, to be overwritten by fewer: <see cref="Truncate"/> then says how many. Until cleared, the set takes no more.</summary>
    public Span<int> Rewrite() => members.AsSpan(0, Count);

    public void Truncate(int count) => Count = count;
}
