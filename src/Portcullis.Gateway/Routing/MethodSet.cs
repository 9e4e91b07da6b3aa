namespace Portcullis.Gateway.Routing;

/// <summary>Gives each method that the routes name one bit, so that methods are compared by mask. Filled while a table is built, then only read.</summary>
internal sealed class MethodSet
{
    /// <summary>Distinct methods in one table; more is a configuration error. IANA has 40 registered.</summary>
    public const int Maximum = 63;

    /// <summary>The mask of a route for any method.</summary>
    public const ulong Any = ulong.MaxValue;

    /// <summary>Stands for every method that no route names; only <see cref="Any"/> has it.</summary>
    private const ulong Unnamed = 1UL << Maximum;

    private readonly List<string> names = [];

    /// <summary>Adds a method and gives its bit; false when there are too many.</summary>
    public bool TryAdd(string method, out ulong bit)
    {
        bit = BitOf(method);
        if (bit != Unnamed)
            return true;
        if (names.Count == Maximum)
            return false;

        bit = 1UL << names.Count;
        names.Add(method);
        return true;
    }

    /// <summary>The bit of a method, case-sensitive. A handful of names: a scan is faster than a hash.</summary>
    public ulong BitOf(ReadOnlySpan<char> method)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (method.SequenceEqual(names[i]))
                return 1UL << i;
        }

        return Unnamed;
    }
}
