using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>
/// <c>@rx</c> with what no automaton can do (look-around, back-references): run by a backtracking matcher under a time limit. A match that takes longer is a
/// fault of the engine, counted in MSC_PCRE_LIMITS_EXCEEDED, and what a fault does is the policy's setting: never silently "no match".
/// </summary>
internal sealed class BacktrackingOperator(BacktrackingRegex regex) : Operator
{
    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        switch (regex.Match(evaluation.Values[value], captures, out var groups))
        {
            case BacktrackingResult.Match: return captures.IsEmpty ? 0 : groups;
            case BacktrackingResult.NoMatch: return NoMatch;
            default:
                evaluation.Fault(EngineFault.RegexTimedOut);
                return NoMatch;
        }
    }
}
