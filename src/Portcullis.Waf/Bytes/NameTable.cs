namespace Portcullis.Waf.Bytes;

/// <summary>
/// The names that rules mention (headers, arguments, TX variables …), each with a number, so that at run time a name is looked up once and compared as a
/// number from then on. ASCII letters' case does not matter. Filled while a rule set is compiled, read-only afterwards and then safe for concurrent use.
/// </summary>
internal sealed class NameTable
{
    /// <summary>The number of a name that no rule mentions.</summary>
    public const int Unknown = -1;

    private readonly List<byte[]> names = [];
    private int[] slots = new int[64];
    private bool isSealed;

    public int Count => names.Count;

    public ReadOnlySpan<byte> this[int id] => names[id];

    /// <summary>No name is added from now on.</summary>
    public void Seal() => isSealed = true;

    /// <summary>The number of <paramref name="name"/>, given to it now if it is new and the table is not sealed.</summary>
    public int Intern(ReadOnlySpan<byte> name)
    {
        var found = Find(name);
        if (found != Unknown || isSealed) return found;

        names.Add(name.ToArray());
        if (names.Count * 2 > slots.Length)
        {
            slots = new int[slots.Length * 2];
            for (var id = 0; id < names.Count; id++) Place(id);
        }
        else
        {
            Place(names.Count - 1);
        }

        return names.Count - 1;
    }

    public int Find(ReadOnlySpan<byte> name)
    {
        var mask = slots.Length - 1;
        for (var slot = Hash(name) & mask; slots[slot] != 0; slot = slot + 1 & mask)
        {
            if (AsciiCase.EqualsIgnoreCase(names[slots[slot] - 1], name)) return slots[slot] - 1;
        }

        return Unknown;
    }

    private void Place(int id)
    {
        var mask = slots.Length - 1;
        var slot = Hash(names[id]) & mask;
        while (slots[slot] != 0) slot = slot + 1 & mask;
        slots[slot] = id + 1;
    }

    // The names are the rule author's, not the client's: an unkeyed hash can't be made to collide by a request, which only looks up.
    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        foreach (var one in name) hash = (hash ^ (uint)(one | 0x20)) * 16777619u;
        return (int)(hash >> 1);
    }
}
