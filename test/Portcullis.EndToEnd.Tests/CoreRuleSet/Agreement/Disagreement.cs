using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>A request on which engine and reference differ.</summary>
internal sealed record Disagreement(byte[] Request, RuleIdDifference Difference);
