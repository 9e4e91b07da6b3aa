using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>What a rule compares a value with. Immutable and shared by all transactions.</summary>
internal abstract class Operator
{
    /// <summary>What <see cref="Match"/> gives where the value does not match.</summary>
    protected const int NoMatch = -1;

    /// <summary>
    /// Compares a value (a number of the evaluation's value table). Gives <see cref="NoMatch"/>, or how many <paramref name="captures"/> were filled: 0 where
    /// the caller wants none, or the operator has none.
    /// </summary>
    public abstract int Match(Evaluation evaluation, int value, Span<Capture> captures);

    /// <summary>As in PCRE, how many captures there are up to the last group that took part in a match.</summary>
    protected static int Groups(ReadOnlySpan<Capture> captures)
    {
        var groups = captures.Length;
        while (groups > 1 && !captures[groups - 1].IsMatched) groups--;
        return groups;
    }
}
