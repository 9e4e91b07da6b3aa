using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Literals;

/// <summary>How far a pattern speaks of the whole value: one that is anchored on both sides limits its length and its bytes.</summary>
internal static class Extent
{
    /// <summary>The most bytes of a value that matches, and all bytes that may be in it.</summary>
    public static (int MaxLength, ByteSet Allowed) Of(RegexNode root)
        => IsAnchored(root, AssertionKind.Start) && IsAnchored(root, AssertionKind.End) ? (Longest(root), BytesOf(root)) : (int.MaxValue, ByteSet.All);

    /// <summary>Whether each match begins at the start, or ends at the end.</summary>
    private static bool IsAnchored(RegexNode node, AssertionKind edge) => node switch
    {
        RegexNode.Assertion assertion => assertion.Kind == edge,
        RegexNode.Group group => IsAnchored(group.Body, edge),
        RegexNode.Concatenation concatenation => IsAnchored(concatenation.Items[edge == AssertionKind.Start ? 0 : ^1], edge),
        RegexNode.Alternation alternation => Array.TrueForAll(alternation.Options, option => IsAnchored(option, edge)),
        RegexNode.Repeat repeat => repeat.Min > 0 && IsAnchored(repeat.Body, edge),
        _ => false,
    };

    private static int Longest(RegexNode node)
    {
        var longest = 0L;
        switch (node)
        {
            case RegexNode.Set:
                longest = 1;
                break;
            case RegexNode.Group group:
                longest = Longest(group.Body);
                break;
            case RegexNode.Concatenation concatenation:
                foreach (var item in concatenation.Items)
                {
                    longest += Longest(item);
                }

                break;
            case RegexNode.Alternation alternation:
                foreach (var option in alternation.Options)
                {
                    longest = Math.Max(longest, Longest(option));
                }

                break;
            case RegexNode.Repeat repeat:
                longest = Longest(repeat.Body);
                longest = longest == 0 ? 0 : repeat.Max == RegexNode.Repeat.Unlimited ? int.MaxValue : longest * repeat.Max;
                break;
            case RegexNode.Atomic or RegexNode.BackReference:
                longest = int.MaxValue;
                break;
        }

        return (int)Math.Min(longest, int.MaxValue);
    }

    private static ByteSet BytesOf(RegexNode node)
    {
        var bytes = ByteSet.Empty;
        switch (node)
        {
            case RegexNode.Set set:
                return set.Bytes;
            case RegexNode.Group group:
                return BytesOf(group.Body);
            case RegexNode.Repeat repeat:
                return repeat.Max == 0 ? bytes : BytesOf(repeat.Body);
            case RegexNode.Concatenation concatenation:
                foreach (var item in concatenation.Items)
                {
                    bytes |= BytesOf(item);
                }

                return bytes;
            case RegexNode.Alternation alternation:
                foreach (var option in alternation.Options)
                {
                    bytes |= BytesOf(option);
                }

                return bytes;
            case RegexNode.Atomic or RegexNode.BackReference:
                return ByteSet.All;
            default:
                return bytes;
        }
    }
}
