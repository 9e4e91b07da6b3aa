using System.Numerics;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>
/// Tells for a value which owners (patterns, word lists) may match it: never too few. One pass over the value, and a test of bytes for the owners that
/// are left. Immutable.
/// </summary>
internal sealed class Prefilter
{
    private readonly LiteralAutomaton automaton;

    /// <summary>Of the owners without strings, what a value needs.</summary>
    private readonly OwnerConditions others;

    /// <summary>Of each owner with strings, what a value needs besides: read only where one of them was found.</summary>
    private readonly Condition[] conditions;

    private Prefilter(LiteralAutomaton automaton, OwnerConditions others, Condition[] conditions)
    {
        this.automaton = automaton;
        this.others = others;
        this.conditions = conditions;
    }

    /// <summary>The words of a bitset of owners.</summary>
    public int WordCount => (conditions.Length + 63) / 64;

    /// <summary>The automaton of all strings.</summary>
    public LiteralAutomaton Automaton => automaton;

    /// <summary>Builds the filter; the owner of a requirement is its place in the list.</summary>
    public static Prefilter Build(IReadOnlyList<MatchRequirement> requirements)
    {
        var builder = new LiteralAutomatonBuilder();
        for (var owner = 0; owner < requirements.Count; owner++)
        {
            foreach (var literal in requirements[owner].Literals)
            {
                builder.Add(owner, literal);
            }
        }

        return new Prefilter(builder.Build(), new OwnerConditions(requirements, static requirement => requirement.Literals.Length == 0), [.. requirements.Select(Condition.Of)]);
    }

    /// <summary>Sets in <paramref name="candidates"/> the bits of the owners that may match, and clears the others.</summary>
    /// <param name="value">The value.</param>
    /// <param name="present">The bytes that occur in it: <see cref="ByteSet.Of"/>.</param>
    /// <param name="candidates"><see cref="WordCount"/> words.</param>
    public void Candidates(ReadOnlySpan<byte> value, in ByteSet present, Span<ulong> candidates)
    {
        candidates.Clear();
        automaton.Scan(value, candidates);
        for (var word = 0; word < candidates.Length; word++)
        {
            for (var left = candidates[word]; left != 0; left &= left - 1)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                if (!conditions[(word * 64) + bit].Holds(value.Length, present)) candidates[word] &= ~(1UL << bit);
            }
        }

        others.Add(value.Length, present, candidates);
    }

    private readonly record struct Condition(int MinLength, int MaxLength, ByteSet First, ByteSet Second, ByteSet Excluded)
    {
        /// <summary>Of a set that any value meets, all bytes: only the empty value has none of them, and the shortest length speaks of that.</summary>
        public static Condition Of(MatchRequirement requirement)
        {
            var first = requirement.Sets.Length > 0 ? requirement.Sets[0] : ByteSet.All;
            var second = requirement.Sets.Length > 1 ? requirement.Sets[1] : first;
            return new Condition(requirement.MinLength, requirement.MaxLength, first, second, ~requirement.Allowed);
        }

        public bool Holds(int length, in ByteSet present)
            => length >= MinLength && length <= MaxLength
                && (length == 0 || (present.Overlaps(First) && present.Overlaps(Second) && !present.Overlaps(Excluded)));
    }
}
