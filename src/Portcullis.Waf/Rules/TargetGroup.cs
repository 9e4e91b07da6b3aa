namespace Portcullis.Waf.Rules;

/// <summary>
/// What many rules have in common: the parts of the message that they look at and the transformations before. For each group, the patterns that can match
/// any of its values are found once, and all rules of the group are passed over or not by one bit.
/// </summary>
/// <param name="Columns">Indices in <see cref="RulePlan.Columns"/>.</param>
internal sealed record TargetGroup(int[] Columns);
