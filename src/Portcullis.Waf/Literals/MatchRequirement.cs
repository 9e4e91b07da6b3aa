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

    /// <summary>
    /// Of a list of words of which one must occur, in whatever ASCII case (@pm, @pmFromFile). The prefilter's answer is then exact: the owner is a candidate
    /// if and only if the list matches. Empty words are left out; a list without words never matches.
    /// </summary>
    public static MatchRequirement OneOf(IEnumerable<byte[]> words)
    {
        var shortest = int.MaxValue;
        List<byte[]> lower = [];
        foreach (var word in words)
        {
            if (word.Length == 0) continue;
            lower.Add(LowerCase.Of(word));
            shortest = Math.Min(shortest, word.Length);
        }

        return None with { MinLength = shortest, Literals = [.. lower] };
    }
}
