namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>How a case went.</summary>
/// <param name="Failure">Why it failed; null where it passed.</param>
/// <param name="Ids">The rules logged for each of its requests.</param>
internal sealed record CaseOutcome(string CaseId, string? Failure, IReadOnlyList<IReadOnlyList<int>> Ids)
{
    public override string ToString() => $"{CaseId}: {Failure ?? "passed"}";
}
