using Portcullis.Waf.Actions;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Operators;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>
/// By what a rule is passed over without being looked at, of its first link: one small item of an array, since a third of all rules are gates and most of the others
/// have no candidate, and what they consist of lies far apart in memory.
/// </summary>
/// <param name="Kind">What there is to ask.</param>
/// <param name="Subject">The number of the <see cref="TargetGroup"/>, of the TX variable's name, or of the <see cref="Variable"/>.</param>
/// <param name="Pattern">The number of the pattern; for a group only.</param>
/// <param name="Limit">What a number is compared with.</param>
/// <param name="Comparison">How.</param>
/// <param name="IsNegated">Whether the link matches where the comparison does not hold.</param>
/// <param name="Rule">The rule's <see cref="Rule.Index"/>.</param>
/// <param name="JumpTo">Where evaluation goes on after a match, where a match does nothing else but <paramref name="Assignments"/>; -1 for other rules.</param>
/// <param name="FirstAssignment">Where in <see cref="RulePlan.Assignments"/> what a match sets begins.</param>
/// <param name="Assignments">How many that are.</param>
internal readonly record struct RuleGuard(
    GuardKind Kind, int Subject, int Pattern = 0, long Limit = 0, NumberOperator.Comparison Comparison = default, bool IsNegated = false, int Rule = 0,
    int JumpTo = -1, int FirstAssignment = 0, int Assignments = 0)
{
    /// <param name="phase">The rules of the phase, jumps resolved.</param>
    /// <param name="at">Which of them.</param>
    /// <param name="assignments">Of all rules; what the rule sets is added.</param>
    public static RuleGuard Of(List<Rule> phase, int at, List<VariableStore.Entry> assignments)
    {
        var rule = phase[at];
        var link = rule.Links[0];
        if (link is { Group: >= 0 and var group, Operator: PatternOperator { Pattern: var pattern } }) return new(GuardKind.Group, group, pattern);
        if (link is not { Chain: 0, Exclusions: [], Targets: [var target], Operator: NumberOperator { Limit: { } limit } number }) return default;
        if (target is { Variable: Variable.Tx, NameId: not NameTable.Unknown })
        {
            var first = assignments.Count;
            var to = JumpOf(phase, at, assignments);
            return new(target.IsCount ? GuardKind.CountOfTx : GuardKind.NumberOfTx, target.NameId, 0, limit, number.Kind, link.IsNegated, rule.Index, to, first, assignments.Count - first);
        }

        return !target.IsCount && VariableCatalogue.IsNumberOfMessage(target.Variable)
            ? new(GuardKind.NumberOfMessage, (int)target.Variable, 0, limit, number.Kind, link.IsNegated)
            : default;
    }

    /// <summary>Whether the comparison with <see cref="Limit"/> lets no match be.</summary>
    public bool IsShutTo(long number) => NumberOperator.Holds(Comparison, number, Limit) == IsNegated;

    private static int JumpOf(List<Rule> phase, int at, List<VariableStore.Entry> assignments)
    {
        if (phase[at] is not { Links: [var link], IsLogged: false, Sanitising: null, Disruption: Disruption.Pass, Severity: Severity.None, SkipTo: var to, Skip: var skip }) return -1;
        var sets = link.Actions.Select(action => (action as SetVariable)?.Prepared).ToList();
        if (sets.Contains(null)) return -1;
        assignments.AddRange(sets.Select(set => set!.Value));
        return to >= 0 ? to : Math.Min(phase.Count, at + 1 + skip);
    }
}
