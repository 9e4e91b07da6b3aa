namespace Portcullis.Gateway.Routing;

/// <summary>One walk through the lookup trees for one request. Lives on the stack.</summary>
internal ref struct RouteSearch<T, TFields>
    where TFields : IRequestFields, allows ref struct
{
    private readonly ulong method;
    private readonly ReadOnlySpan<char> query;
    private readonly TFields fields;

    public RouteSearch(ulong method, ReadOnlySpan<char> query, TFields fields)
    {
        this.method = method;
        this.query = query;
        this.fields = fields;
    }

    /// <summary>Whether a route was seen that fits but for the method.</summary>
    public bool IsMethodAllThatLacks { get; private set; }

    /// <summary>The cost of the nodes and candidates looked at, which <see cref="RouteNode{T}.Cost"/> bounds.</summary>
    public int Steps { get; private set; }

    /// <summary>
    /// The best route below <paramref name="node"/> for the <paramref name="rest"/> of a path: literal before variable before rest,
    /// so the first found is the most specific. The depth is limited by <see cref="RoutePattern.MaximumSegments"/>.
    /// </summary>
    public RouteCandidate<T>? Walk(RouteNode<T> node, scoped ReadOnlySpan<char> rest)
    {
        Steps++;
        if (rest.IsEmpty)
            return Pick(node.EndsHere) ?? Pick(node.Rests);

        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        scoped var next = slash < 0 ? default : rest[(slash + 1)..];

        RouteCandidate<T>? found = null;
        if (node.TryGetLiteral(segment, out var literal))
            found = Walk(literal, next);
        if (found is null && node.Variable is { } variable)
            found = Walk(variable, next);
        return found ?? Pick(node.Rests);
    }

    private RouteCandidate<T>? Pick(RouteCandidate<T>[] candidates)
    {
        foreach (var candidate in candidates)
        {
            Steps += candidate.Cost;
            if (!candidate.Holds(fields, query))
                continue;
            if ((candidate.Methods & method) != 0)
                return candidate;
            IsMethodAllThatLacks = true;
        }

        return null;
    }
}
