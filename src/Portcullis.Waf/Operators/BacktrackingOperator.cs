using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>
/// <c>@rx</c> with what no automaton can do (look-around, back-references): run by a backtracking matcher under a time limit. A match that takes longer is a
/// fault of the engine, told by MSC_PCRE_LIMITS_EXCEEDED, and what a fault does is the policy's setting: never silently "no match". After it no such pattern
/// runs in this transaction.
/// </summary>
internal sealed class BacktrackingOperator(BacktrackingRegex regex) : Operator
{
    /// <summary>What one match may take. Ordinary values take microseconds.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(50);

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        // One that has been slow may be slow at every value: a transaction waits once.
        if (evaluation.HasTimedOut) return NoMatch;
        var bytes = evaluation.Values[value];
        switch (captures.IsEmpty ? regex.IsMatch(bytes) : regex.Match(bytes, captures))
        {
            case MatchOutcome.Match: return captures.IsEmpty ? 0 : Groups(captures);
            case MatchOutcome.NoMatch: return NoMatch;
            default:
                evaluation.Fault(EngineFault.RegexTimedOut);
                return NoMatch;
        }
    }
}
