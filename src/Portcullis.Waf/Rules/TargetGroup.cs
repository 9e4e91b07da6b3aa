namespace Portcullis.Waf.Rules;

/// <summary>
/// What many rules have in common: the parts of the message that they look at and the transformations before. For each group, the patterns that can match
/// any of its values are found once, and all rules of the group are passed over or not by one bit.
/// </summary>
/// <param name="First">Where in <see cref="RulePlan.GroupColumns"/> its columns begin.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct TargetGroup(int First, int Count);
