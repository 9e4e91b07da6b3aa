using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// Rewrites a pattern to a smaller one. <see cref="ForVerdict"/> keeps which values have a match, not where it is; <see cref="Reverse"/> matches the
/// mirrored strings, with the assertions left as they are.
/// </summary>
internal static class RegexSimplifier
{
    public static RegexNode ForVerdict(RegexNode root) => TrimEnd(TrimStart(Reduce(root)));

    public static RegexNode Reverse(RegexNode node) => node switch
    {
        RegexNode.Group group => Reverse(group.Body),
        RegexNode.Concatenation concatenation => new RegexNode.Concatenation(Array.ConvertAll(Mirrored(concatenation.Items), Reverse)),
        RegexNode.Alternation alternation => new RegexNode.Alternation(Array.ConvertAll(alternation.Options, Reverse)),
        RegexNode.Repeat repeat => repeat with { Body = Reverse(repeat.Body) },
        _ => node,
    };

    private static RegexNode[] Mirrored(RegexNode[] items)
    {
        var mirrored = items.AsSpan().ToArray();
        Array.Reverse(mirrored);
        return mirrored;
    }

    /// <summary>Without groups and laziness; alternatives of single bytes become one set.</summary>
    private static RegexNode Reduce(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Group group:
                return Reduce(group.Body);
            case RegexNode.Concatenation concatenation:
                return Concatenate(Array.ConvertAll(concatenation.Items, Reduce));
            case RegexNode.Repeat repeat:
                var body = Reduce(repeat.Body);
                return repeat.Max == 0 || body is RegexNode.Empty ? RegexNode.Empty.Instance
                    : repeat is { Min: 1, Max: 1 } ? body
                    : new RegexNode.Repeat(body, repeat.Min, repeat.Max, IsLazy: false);
            case RegexNode.Alternation alternation:
                var union = ByteSet.Empty;
                List<RegexNode> options = [];
                foreach (var option in alternation.Options)
                {
                    var reduced = Reduce(option);
                    if (reduced is RegexNode.Set set) union |= set.Bytes;
                    else if (reduced is not RegexNode.Empty || !options.Contains(reduced)) options.Add(reduced);
                }

                if (!union.IsEmpty || options.Count == 0) options.Add(new RegexNode.Set(union));
                return options.Count == 1 ? options[0] : new RegexNode.Alternation([.. options]);
            default:
                return node;
        }
    }

    private static RegexNode Concatenate(params ReadOnlySpan<RegexNode> items)
    {
        List<RegexNode> kept = [];
        foreach (var item in items)
        {
            if (item is RegexNode.Concatenation inner) kept.AddRange(inner.Items);
            else if (item is not RegexNode.Empty) kept.Add(item);
        }

        return kept.Count switch { 0 => RegexNode.Empty.Instance, 1 => kept[0], _ => new RegexNode.Concatenation([.. kept]) };
    }

    /// <summary>Drops what a match may end with but needn't: a match ends where the least of it does.</summary>
    private static RegexNode TrimEnd(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Repeat repeat:
                if (repeat.Min == 0) return RegexNode.Empty.Instance;
                return Concatenate(Exactly(repeat.Body, repeat.Min - 1), TrimEnd(repeat.Body));
            case RegexNode.Alternation alternation:
                return Alternate(Array.ConvertAll(alternation.Options, TrimEnd));
            case RegexNode.Concatenation concatenation:
                for (var last = concatenation.Items.Length - 1; last >= 0; last--)
                {
                    var trimmed = TrimEnd(concatenation.Items[last]);
                    if (trimmed is not RegexNode.Empty) return Concatenate([.. concatenation.Items.AsSpan(0, last), trimmed]);
                }

                return RegexNode.Empty.Instance;
            default:
                return node;
        }
    }

    /// <summary>Drops what a match may begin with but needn't.</summary>
    private static RegexNode TrimStart(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Repeat repeat:
                if (repeat.Min == 0) return RegexNode.Empty.Instance;
                return Concatenate(TrimStart(repeat.Body), Exactly(repeat.Body, repeat.Min - 1));
            case RegexNode.Alternation alternation:
                return Alternate(Array.ConvertAll(alternation.Options, TrimStart));
            case RegexNode.Concatenation concatenation:
                for (var first = 0; first < concatenation.Items.Length; first++)
                {
                    var trimmed = TrimStart(concatenation.Items[first]);
                    if (trimmed is not RegexNode.Empty) return Concatenate([trimmed, .. concatenation.Items.AsSpan(first + 1)]);
                }

                return RegexNode.Empty.Instance;
            default:
                return node;
        }
    }

    private static RegexNode Exactly(RegexNode body, int count)
        => count == 0 ? RegexNode.Empty.Instance : count == 1 ? body : new RegexNode.Repeat(body, count, count, IsLazy: false);

    private static RegexNode Alternate(RegexNode[] options)
        => Array.Exists(options, static option => option is RegexNode.Empty) ? RegexNode.Empty.Instance : Reduce(new RegexNode.Alternation(options));
}
