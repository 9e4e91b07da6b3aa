namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;

/// <summary>A request for which two firewalls logged different rules.</summary>
/// <param name="Missing">Logged by the first alone.</param>
/// <param name="Extra">Logged by the second alone.</param>
internal sealed record RuleIdDifference(string Request, int ExpectedStatus, int ActualStatus, IReadOnlyList<int> Missing, IReadOnlyList<int> Extra)
{
    public override string ToString() => $"{Request} ({ExpectedStatus}/{ActualStatus}): missing [{string.Join(',', Missing)}], extra [{string.Join(',', Extra)}]";
}
