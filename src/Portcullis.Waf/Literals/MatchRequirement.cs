using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>What every value that a pattern matches has; a value without it needn't be tried. All conditions hold together.</summary>
/// <param name="MinLength">The fewest bytes of a match.</param>
/// <param name="MaxLength">The most bytes of a value that matches; <see cref="int.MaxValue"/> if there is no limit.</param>
/// <param name="Allowed">A value that matches consists of these bytes.</param>
/// <param name="Sets">Of each of these sets at least one byte occurs.</param>
/// <param name="Literals">
/// At least one of these strings occurs, in whatever ASCII case; they are in lower case. Empty if no such strings are known.
/// </param>
internal sealed record MatchRequirement(int MinLength, int MaxLength, ByteSet Allowed, ByteSet[] Sets, byte[][] Literals)
{
    /// <summary>Of a pattern of which nothing is known.</summary>
    public static MatchRequirement None { get; } = new(0, int.MaxValue, ByteSet.All, [], []);

    /// <summary>Of a list of words of which one must occur (@pm).</summary>
    public static MatchRequirement OneOf(IReadOnlyList<byte[]> words)
    {
        var shortest = int.MaxValue;
        var lower = new byte[words.Count][];
        var first = ByteSet.Empty;
        for (var i = 0; i < words.Count; i++)
        {
            lower[i] = LowerCase.Of(words[i]);
            shortest = Math.Min(shortest, lower[i].Length);
            if (lower[i].Length > 0) first |= Regexes.ByteClasses.WithBothCases(ByteSet.Of(lower[i][0]));
        }

        if (words.Count == 0 || shortest == 0) return None;
        // The words themselves decide, also those of one byte: what passes is a match, not only a candidate.
        return None with { MinLength = shortest, Sets = [first], Literals = lower };
    }
}
