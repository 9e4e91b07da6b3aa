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
/// <param name="JumpTo">Where evaluation goes on after a match, where a match does nothing else; -1 for other rules.</param>
internal readonly record struct RuleGuard(
    GuardKind Kind, int Subject, int Pattern = 0, long Limit = 0, NumberOperator.Comparison Comparison = default, bool IsNegated = false, int Rule = 0, int JumpTo = -1)
{
    /// <param name="phase">The rules of the phase, jumps resolved.</param>
    /// <param name="at">Which of them.</param>
    public static RuleGuard Of(List<Rule> phase, int at)
    {
        var rule = phase[at];
        var link = rule.Links[0];
        if (link is { Group: >= 0 and var group, Operator: PatternOperator { Pattern: var pattern } }) return new(GuardKind.Group, group, pattern);
        if (link is not { Chain: 0, Exclusions: [], Targets: [var target], Operator: NumberOperator { Limit: { } limit } number }) return default;
        if (target is { Variable: Variable.Tx, NameId: not NameTable.Unknown })
            return new(target.IsCount ? GuardKind.CountOfTx : GuardKind.NumberOfTx, target.NameId, 0, limit, number.Kind, link.IsNegated, rule.Index, JumpOf(phase, at));
        return !target.IsCount && VariableCatalogue.IsNumberOfMessage(target.Variable)
            ? new(GuardKind.NumberOfMessage, (int)target.Variable, 0, limit, number.Kind, link.IsNegated)
            : default;
    }

    /// <summary>Whether the comparison with <see cref="Limit"/> lets no match be.</summary>
    public bool IsShutTo(long number) => NumberOperator.Holds(Comparison, number, Limit) == IsNegated;

    private static int JumpOf(List<Rule> phase, int at)
        => phase[at] is { Links: [{ Actions: [] }], IsLogged: false, Sanitising: null, Disruption: Disruption.Pass, Severity: Severity.None, SkipTo: var to, Skip: var skip }
            ? to >= 0 ? to : Math.Min(phase.Count, at + 1 + skip)
            : -1;
}
