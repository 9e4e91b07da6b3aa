namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>A request on which the engine differs from a reference.</summary>
/// <param name="Number">With the seed, what the mutator makes it from.</param>
internal sealed record Disagreement(int Number, byte[] Request, IReadOnlyList<RuleVerdict> Verdicts);
