namespace Portcullis.Waf.Regexes;

/// <summary>How large a program a pattern takes, so that one is refused before it is built.</summary>
internal static class RegexSize
{
    /// <summary>About the instructions of <paramref name="node"/>, repeats expanded; at the cap of a program it stops counting.</summary>
    public static int Of(RegexNode node)
    {
        long size;
        switch (node)
        {
            case RegexNode.Concatenation concatenation:
                size = Sum(concatenation.Items);
                break;
            case RegexNode.Alternation alternation:
                size = Sum(alternation.Options) + alternation.Options.Length;
                break;
            case RegexNode.Repeat repeat:
                var copies = repeat.Max == RegexNode.Repeat.Unlimited ? Math.Max(repeat.Min, 1) : repeat.Max;
                size = (Of(repeat.Body) + 1L) * copies;
                break;
            case RegexNode.Group group:
                size = Of(group.Body) + 2L;
                break;
            default:
                size = 1;
                break;
        }

        return (int)Math.Min(size, ProgramCompiler.MaxInstructions);
    }

    private static long Sum(RegexNode[] nodes)
    {
        var size = 0L;
        foreach (var node in nodes)
        {
            size += Of(node);
        }

        return size;
    }
}
