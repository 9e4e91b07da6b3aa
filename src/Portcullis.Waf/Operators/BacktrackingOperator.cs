using System.Diagnostics;
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

    /// <summary>What all such matches of one transaction may take: many values that each stay just below <see cref="TimeLimit"/> are no way around it.</summary>
    public static readonly TimeSpan WholeTimeLimit = TimeSpan.FromMilliseconds(250);

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        // One that has been slow may be slow at every value: a transaction waits for one.
        if (evaluation.HasTimedOut) return NoMatch;
        var started = Stopwatch.GetTimestamp();
        var outcome = Try(evaluation.Values[value], captures);
        // The limit is of wall time, and a busy machine may stop a thread for longer: only what is slow twice is slow.
        if (outcome == MatchOutcome.TimedOut) outcome = Try(evaluation.Values[value], captures);
        evaluation.Backtracking += Stopwatch.GetElapsedTime(started);
        if (outcome == MatchOutcome.TimedOut || evaluation.Backtracking > WholeTimeLimit) evaluation.Fault(EngineFault.RegexTimedOut);
        return outcome != MatchOutcome.Match ? NoMatch : captures.IsEmpty ? 0 : Groups(captures);
    }

    private MatchOutcome Try(ReadOnlySpan<byte> value, Span<Capture> captures) => captures.IsEmpty ? regex.IsMatch(value) : regex.Match(value, captures);
}
