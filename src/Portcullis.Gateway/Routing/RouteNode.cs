using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// A node of the lookup tree of one host: everything that may follow a beginning of a path. Each level is one segment,
/// so a lookup meets a node at most once. Built by <see cref="RouteTable{T}.Build"/>, read-only after <see cref="Freeze"/>.
/// </summary>
internal sealed class RouteNode<T>
{
    /// <summary>Up to this many literals are compared one by one; more are hashed.</summary>
    private const int FewLiterals = 4;

    private Dictionary<string, RouteNode<T>>? literals;
    private Dictionary<string, RouteNode<T>>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private KeyValuePair<string, RouteNode<T>>[] few = [];
    private List<RouteCandidate<T>>? endsHere;
    private List<RouteCandidate<T>>? rests;

    /// <summary>The node behind <c>{name}</c>.</summary>
    public RouteNode<T>? Variable { get; private set; }

    /// <summary>Routes whose pattern ends here, in order.</summary>
    public RouteCandidate<T>[] EndsHere { get; private set; } = [];

    /// <summary>Routes whose pattern goes on with <c>{**name}</c>, in order.</summary>
    public RouteCandidate<T>[] Rests { get; private set; } = [];

    /// <summary>Puts a route into the tree below this root.</summary>
    public void Add(RouteCandidate<T> candidate)
    {
        var node = this;
        foreach (var segment in candidate.Pattern.Segments)
        {
            if (segment.Kind == RouteSegmentKind.Rest)
            {
                (node.rests ??= []).Add(candidate);
                return;
            }

            node = segment.Kind == RouteSegmentKind.Variable ? node.Variable ??= new RouteNode<T>() : node.Literal(segment.Text);
        }

        (node.endsHere ??= []).Add(candidate);
    }

    /// <summary>Orders the candidates, reports those that are as good as each other, and makes the tree compact and read-only.</summary>
    public void Freeze(Action<RouteCandidate<T>, RouteCandidate<T>> ambiguous)
    {
        EndsHere = Order(endsHere, ambiguous);
        Rests = Order(rests, ambiguous);
        endsHere = null;
        rests = null;

        Variable?.Freeze(ambiguous);
        if (literals is null)
            return;

        foreach (var child in literals.Values)
            child.Freeze(ambiguous);
        if (literals.Count > FewLiterals)
        {
            lookup = literals.GetAlternateLookup<ReadOnlySpan<char>>();
            return;
        }

        few = [.. literals];
        literals = null;
    }

    /// <summary>
    /// An upper bound of the nodes and candidates that a lookup below this node looks at, whatever the path: at each level it follows
    /// one literal at most, and the variable. Saturates instead of overflowing.
    /// </summary>
    public int Cost()
    {
        var literal = 0;
        if (literals is not null)
        {
            foreach (var child in literals.Values)
                literal = Math.Max(literal, child.Cost());
        }

        foreach (var child in few)
            literal = Math.Max(literal, child.Value.Cost());

        var cost = 1L + literal + (Variable?.Cost() ?? 0);
        foreach (var candidate in EndsHere)
            cost += candidate.Cost;
        foreach (var candidate in Rests)
            cost += candidate.Cost;
        return (int)Math.Min(cost, int.MaxValue);
    }

    /// <summary>The node behind a literal segment.</summary>
    public bool TryGetLiteral(ReadOnlySpan<char> segment, [NotNullWhen(true)] out RouteNode<T>? child)
    {
        if (literals is not null)
            return lookup.TryGetValue(segment, out child);

        foreach (var (text, node) in few)
        {
            if (segment.SequenceEqual(text))
            {
                child = node;
                return true;
            }
        }

        child = null;
        return false;
    }

    private RouteNode<T> Literal(string text)
    {
        literals ??= new Dictionary<string, RouteNode<T>>(StringComparer.Ordinal);
        if (!literals.TryGetValue(text, out var child))
            literals.Add(text, child = new RouteNode<T>());
        return child;
    }

    private static RouteCandidate<T>[] Order(List<RouteCandidate<T>>? candidates, Action<RouteCandidate<T>, RouteCandidate<T>> ambiguous)
    {
        if (candidates is null)
            return [];

        // Routes of one rank exclude each other, or are reported: their order among themselves decides nothing.
        candidates.Sort(static (left, right) => left.CompareRank(right));
        for (var i = 0; i < candidates.Count; i++)
        {
            for (var j = i + 1; j < candidates.Count && candidates[i].CompareRank(candidates[j]) == 0; j++)
            {
                if (candidates[i].Overlaps(candidates[j]))
                    ambiguous(candidates[i], candidates[j]);
            }
        }

        return [.. candidates];
    }
}
