namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>What came of one request.</summary>
/// <param name="Status">0 where there was no answer that is HTTP.</param>
/// <param name="Ids">The rules in the order in which they were logged.</param>
internal sealed record RequestOutcome(int Status, IReadOnlyList<int> Ids);
