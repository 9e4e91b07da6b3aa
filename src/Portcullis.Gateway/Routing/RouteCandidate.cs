using System.Collections.Immutable;

namespace Portcullis.Gateway.Routing;

/// <summary>One route as the lookup tree holds it: what is left to check once host and path have matched.</summary>
internal sealed class RouteCandidate<T>
{
    /// <summary>A condition that reads through the query, or runs an expression over a header, counts as much as that many look-ups.</summary>
    private const int DearCondition = 8;

    private readonly ImmutableArray<FieldCondition> headers;
    private readonly ImmutableArray<FieldCondition> query;

    public RouteCandidate(RouteEntry<T> entry, ulong methods)
    {
        Name = entry.Name;
        Value = entry.Value;
        Pattern = entry.Match.Path;
        Methods = methods;
        headers = [.. entry.Match.Headers];
        query = [.. entry.Match.Query];

        Cost = 1 + (DearCondition * query.Length);
        foreach (var condition in headers)
            Cost += condition.Kind == FieldConditionKind.Regex ? DearCondition : 1;
    }

    public string Name { get; }

    public T Value { get; }

    public RoutePattern Pattern { get; }

    /// <summary>The methods it is for, a mask of <see cref="MethodSet"/>.</summary>
    public ulong Methods { get; }

    /// <summary>The steps that looking at it counts as, for <see cref="RouteTable{T}.MaximumCost"/>.</summary>
    public int Cost { get; }

    /// <summary>Whether all conditions on headers and query hold.</summary>
    public bool Holds<TFields>(TFields fields, ReadOnlySpan<char> query)
        where TFields : IRequestFields, allows ref struct
    {
        foreach (var condition in headers)
        {
            var values = fields.Get(condition.Name);
            if (!condition.Holds(values.Count, values.Count == 1 ? values[0] : default))
                return false;
        }

        foreach (var condition in this.query)
        {
            if (!QueryParameter.Holds(condition, query))
                return false;
        }

        return true;
    }

    /// <summary>
    /// The order of routes whose host and path are equally specific: named methods before any, then more header conditions,
    /// then more query conditions. Negative when this one comes first, 0 when equal.
    /// </summary>
    public int CompareRank(RouteCandidate<T> other)
    {
        var order = (Methods == MethodSet.Any).CompareTo(other.Methods == MethodSet.Any);
        if (order == 0)
            order = other.headers.Length.CompareTo(headers.Length);
        if (order == 0)
            order = other.query.Length.CompareTo(query.Length);
        return order;
    }

    /// <summary>Whether some request could satisfy both, host and path being the same.</summary>
    public bool Overlaps(RouteCandidate<T> other) =>
        (Methods & other.Methods) != 0
        && !Exclude(headers, other.headers, StringComparison.OrdinalIgnoreCase)
        && !Exclude(query, other.query, StringComparison.Ordinal);

    private static bool Exclude(ImmutableArray<FieldCondition> ours, ImmutableArray<FieldCondition> theirs, StringComparison comparison)
    {
        foreach (var our in ours)
        {
            foreach (var their in theirs)
            {
                if (our.Name.Equals(their.Name, comparison) && our.Excludes(their))
                    return true;
            }
        }

        return false;
    }
}
