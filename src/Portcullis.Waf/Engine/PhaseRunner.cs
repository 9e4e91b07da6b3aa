using Portcullis.Waf.Operators;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// Runs the rules of one phase over one transaction. The order of effects is ModSecurity 2's: at each matching value the link's own actions run at once
/// (so a chain's first link sets variables even if the chain then fails); when the last link matches, the rule is reported and disrupts, and the values
/// that are left are not looked at. Two points differ from ModSecurity: <c>allow</c> counts in detection mode too, so that detection shows what blocking
/// would do, and severity 0 counts for HIGHEST_SEVERITY.
/// </summary>
internal static class PhaseRunner
{
    public static void Run(Evaluation evaluation, Phase phase)
    {
        evaluation.Phase = phase;
        if (evaluation.IsOver) return;

        evaluation.Matched.Restart();
        var rules = evaluation.Plan.Phases[(int)phase];
        var guards = evaluation.Plan.Guards[(int)phase];
        for (var next = 0; next < rules.Length;)
        {
            // The common case first: the rule can't match, or sets variables, jumps and does nothing else, and is not touched.
            ref readonly var guard = ref guards[next];
            var rule = rules[next++];
            if (IsShut(evaluation, guard, out var number)) continue;
            if (number is { } open && guard.JumpTo >= 0 && !evaluation.Removals.ConcernsTx && !evaluation.Removals.IsRemoved(guard.Rule))
            {
                evaluation.Matched.Defer(rule, open);
                foreach (ref readonly var set in evaluation.Plan.Assignments.AsSpan(guard.FirstAssignment, guard.Assignments))
                {
                    if (!evaluation.Settings.IsPinned(set.NameId)) evaluation.Tx.Set(set);
                }

                next = guard.JumpTo;
                continue;
            }

            if (evaluation.Removals.IsRemoved(rule.Index)) continue;

            evaluation.Current = rule;
            var matches = Matches(evaluation, rule);
            // Not only after a match: the first link of a chain that fails may have switched the engine off.
            if (evaluation.IsOver) break;
            if (matches) next = rule.SkipTo >= 0 ? rule.SkipTo : Math.Min(rules.Length, next + rule.Skip);
        }

        evaluation.Current = null;
        if (evaluation.Allowed == AllowScope.Phase) evaluation.Allowed = AllowScope.Nothing;
    }

    /// <param name="evaluation">The transaction.</param>
    /// <param name="guard">Of the rule.</param>
    /// <param name="number">What the guard has compared; null where it has not.</param>
    private static bool IsShut(Evaluation evaluation, in RuleGuard guard, out long? number)
    {
        number = null;
        switch (guard.Kind)
        {
            case GuardKind.Group: return !evaluation.Groups.May(guard.Subject, guard.Pattern);
            case GuardKind.NumberOfTx:
                var at = evaluation.Tx.Find(guard.Subject, default);
                if (at < 0) return true;
                if (!evaluation.Tx[at].IsNumber) return false;
                number = evaluation.Tx[at].Number;
                break;
            case GuardKind.CountOfTx:
                number = evaluation.Tx.Find(guard.Subject, default) < 0 ? 0 : 1;
                break;
            case GuardKind.NumberOfMessage:
                if (!evaluation.Message.Has((Variable)guard.Subject)) return true;
                number = evaluation.Message.Number((Variable)guard.Subject);
                break;
            default: return false;
        }

        return guard.IsShutTo(number.Value);
    }

    private static bool Matches(Evaluation evaluation, Rule rule)
    {
        evaluation.Matched.Restart();
        foreach (var link in rule.Links)
        {
            if (evaluation.IsOver || !Matches(evaluation, rule, link, isLast: link == rule.Links[^1])) return false;
        }

        return true;
    }

    private static bool Matches(Evaluation evaluation, Rule rule, Link link, bool isLast)
    {
        var list = evaluation.Found;
        list.Clear();
        // Of a group, only the columns that have a candidate; and of any pattern, only the values that are one.
        var pattern = link is { IsNegated: false, IsMultiMatch: false, Operator: PatternOperator one } ? one.Pattern : -1;
        for (var target = 0; target < link.Targets.Length; target++)
        {
            if (link.Group >= 0 && !evaluation.Groups.MayInColumn(link.Columns[target], pattern)) continue;
            evaluation.Variables.Expand(link.Targets[target], list);
        }

        var matches = false;
        for (var index = 0; index < list.Count; index++)
        {
            ref var found = ref list[index];
            if (pattern >= 0 && !evaluation.Values.IsCandidate(evaluation.Values.Transform(evaluation.Variables.Value(ref found), link.Chain), pattern)) continue;
            if (IsExcluded(link, found) || evaluation.Removals.Excludes(rule, found)) continue;

            matches |= link.IsMultiMatch && link.Chain != 0
                ? MatchesAnyStep(evaluation, rule, link, ref found, isLast)
                : Matches(evaluation, rule, link, ref found, isLast);
            if (evaluation.IsOver) break;
        }

        return matches;
    }

    private static bool Matches(Evaluation evaluation, Rule rule, Link link, ref Found found, bool isLast)
    {
        if (link.Chain == 0 && found.IsNumber && link.Operator is NumberOperator comparison)
        {
            if (comparison.Matches(evaluation, found.Number) == link.IsNegated) return false;
            Effect(evaluation, rule, link, ref found, evaluation.Variables.Text(ref found), isLast);
            return true;
        }

        var value = evaluation.Values.Transform(evaluation.Variables.Value(ref found), link.Chain);
        return Compare(evaluation, rule, link, ref found, value, isLast);
    }

    /// <summary><c>multiMatch</c>: the value itself, and then after each transformation that changed it.</summary>
    private static bool MatchesAnyStep(Evaluation evaluation, Rule rule, Link link, ref Found found, bool isLast)
    {
        var original = evaluation.Variables.Value(ref found);
        var before = -1;
        var matches = false;
        foreach (var chain in link.Steps)
        {
            var value = evaluation.Values.Transform(original, chain);
            if (value == before) continue;
            before = value;
            matches |= Compare(evaluation, rule, link, ref found, value, isLast);
            if (evaluation.IsOver) break;
        }

        return matches;
    }

    private static bool Compare(Evaluation evaluation, Rule rule, Link link, ref Found found, int value, bool isLast)
    {
        var deferred = link.Captures ? link.Operator as PatternOperator : null;
        var captures = link.Captures && deferred is null ? evaluation.Captures : [];
        var groups = link.Operator.Match(evaluation, value, captures);
        if (groups < 0 != link.IsNegated) return false;
        var bytes = evaluation.Values.Slice(value);
        if (deferred is not null && groups >= 0) evaluation.CaptureGroups.Defer(deferred, value);
        else if (groups > 0) evaluation.CaptureGroups.Store(bytes, groups);
        Effect(evaluation, rule, link, ref found, bytes, isLast);
        return true;
    }

    private static void Effect(Evaluation evaluation, Rule rule, Link link, ref Found found, Bytes.Slice value, bool isLast)
    {
        evaluation.Matched.Add(found.Variable, found.Name, found.IsCount, value);
        if (isLast && rule.Severity < evaluation.HighestSeverity) evaluation.HighestSeverity = rule.Severity;
        foreach (var action in link.Actions) action.Run(evaluation);
        if (!isLast) return;

        if (rule.Sanitising is { } sanitising && !evaluation.Masks.Contains(sanitising)) evaluation.Masks.Add(sanitising);
        if (rule.IsLogged && evaluation.Hits.Takes(rule)) evaluation.Hits.Add(Reporting.Hit(evaluation, rule));
        Disrupt(evaluation, rule);
    }

    private static void Disrupt(Evaluation evaluation, Rule rule)
    {
        switch (rule.Disruption)
        {
            case Disruption.Pass: return;
            case Disruption.Allow: evaluation.Allowed = AllowScope.All; return;
            case Disruption.AllowPhase: evaluation.Allowed = AllowScope.Phase; return;
            case Disruption.AllowRequest: evaluation.Allowed = AllowScope.Request; return;
        }

        if (evaluation.Phase == Phase.Logging) return;
        if (evaluation.Mode == EngineMode.On) evaluation.Interruption = Reporting.Interruption(evaluation, rule);
        else evaluation.Suppressed ??= Reporting.Interruption(evaluation, rule);
    }

    private static bool IsExcluded(Link link, in Found found)
    {
        foreach (var exclusion in link.Exclusions)
        {
            if (exclusion.Variable == found.Variable && exclusion.Selects(found.NameId, found.Name.Span)) return true;
        }

        return false;
    }
}
