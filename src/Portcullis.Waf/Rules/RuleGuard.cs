using Portcullis.Waf.Operators;

namespace Portcullis.Waf.Rules;

/// <summary>By what a rule is passed over: no value of the group of targets of its first link can match the link's pattern.</summary>
/// <param name="Group">The number of the <see cref="TargetGroup"/>; -1 where there is none.</param>
/// <param name="Pattern">The number of the pattern.</param>
internal readonly record struct RuleGuard(int Group, int Pattern)
{
    public static RuleGuard Of(Rule rule)
        => rule.Links[0] is { Group: >= 0 and var group, Operator: PatternOperator { Pattern: var pattern } } ? new(group, pattern) : new(-1, 0);
}
