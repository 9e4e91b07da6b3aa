using Portcullis.Waf.Bytes;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Rules;

/// <summary>
/// All orders of transformations that rules use, as a tree: a chain is another chain and one more step, so what two chains have in common runs once.
/// Chain 0 changes nothing.
/// </summary>
internal sealed class TransformationChains
{
    /// <summary>Longer chains are refused when rules are loaded.</summary>
    public const int MaximumLength = 32;

    /// <summary>Of one rule set; CRS has some 40. Every transaction has room for the results of each.</summary>
    public const int MaximumCount = 1024;

    private readonly List<Node> nodes = [new Node(0, null, default, false)];
    private readonly Dictionary<(int Parent, string Step), int> known = [];

    public int Count => nodes.Count;

    public int Add(int parent, Transformation step)
    {
        if (known.TryGetValue((parent, step.Name), out var found)) return found;

        var before = nodes[parent];
        // All bytes as triggers means that the value may change whatever it holds, even nothing.
        nodes.Add(new Node(parent, step, before.Triggers | step.Triggers, before.IsUnconditional || step.Triggers == ByteSet.All));
        known.Add((parent, step.Name), nodes.Count - 1);
        return nodes.Count - 1;
    }

    public int Parent(int chain) => nodes[chain].Parent;

    public Transformation Step(int chain) => nodes[chain].Step!;

    /// <summary>Whether a value that holds just these bytes comes out as it is.</summary>
    public bool IsIdentity(int chain, in ByteSet present)
    {
        var node = nodes[chain];
        return !node.IsUnconditional && !node.Triggers.Overlaps(present);
    }

    /// <summary>The chains from the first step to this one, for <c>multiMatch</c>.</summary>
    public int[] Path(int chain)
    {
        var path = new List<int>();
        for (; chain != 0; chain = nodes[chain].Parent) path.Add(chain);
        path.Add(0);
        path.Reverse();
        return [.. path];
    }

    private sealed record Node(int Parent, Transformation? Step, ByteSet Triggers, bool IsUnconditional);
}
