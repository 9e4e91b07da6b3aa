using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>An operator whose pattern is known when the rules are loaded, so that the one scan of each value says whether it can match at all.</summary>
internal abstract class PatternOperator(int pattern) : Operator
{
    /// <summary>The pattern's bit in what <see cref="ValueTable.Candidates"/> gives.</summary>
    public int Pattern { get; } = pattern;

    public sealed override int Match(Evaluation evaluation, int value, Span<Capture> captures)
        => (evaluation.Values.Candidates(value)[Pattern >> 6] >> Pattern & 1) == 0 || !MatchesCandidate(evaluation.Values[value]) ? NoMatch
            : captures.IsEmpty ? 0 : Capture(evaluation, evaluation.Values[value], captures);

    /// <summary>Where in a value that matches the groups are; gives how many <paramref name="captures"/> were filled.</summary>
    public abstract int Capture(Evaluation evaluation, ReadOnlySpan<byte> value, Span<Capture> captures);

    /// <summary>Compares a value that the scan has let through.</summary>
    protected abstract bool MatchesCandidate(ReadOnlySpan<byte> value);
}
