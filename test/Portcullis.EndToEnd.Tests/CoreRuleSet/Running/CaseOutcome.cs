namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>How a case went.</summary>
/// <param name="Failure">Why it failed; null where it passed.</param>
/// <param name="Requests">What came of each of its requests.</param>
internal sealed record CaseOutcome(string CaseId, string? Failure, IReadOnlyList<RequestOutcome> Requests)
{
    public override string ToString() => $"{CaseId}: {Failure ?? "passed"}";
}
