using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>What every value that a pattern matches has; a value without it needn't be tried. All three conditions hold together.</summary>
/// <param name="MinLength">The fewest bytes of a match.</param>
/// <param name="Sets">Of each of these sets at least one byte occurs.</param>
/// <param name="Literals">
/// At least one of these strings occurs, in whatever ASCII case; they are in lower case, of two bytes or more. Empty if no such strings are known.
/// </param>
internal sealed record Requirement(int MinLength, ByteSet[] Sets, byte[][] Literals)
{
    /// <summary>Of a pattern of which nothing is known.</summary>
    public static Requirement None { get; } = new(0, [], []);

    /// <summary>Of a list of words of which one must occur (@pm).</summary>
    public static Requirement OneOf(IReadOnlyList<byte[]> words)
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
        return shortest == 1 ? new Requirement(1, [first], []) : new Requirement(shortest, [], lower);
    }
}
