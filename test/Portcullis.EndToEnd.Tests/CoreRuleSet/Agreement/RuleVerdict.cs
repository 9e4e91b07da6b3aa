namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>A rule on which an engine and a reference differ for one request.</summary>
/// <param name="IsHit">Whether the engine logged it.</param>
/// <param name="Opposed">The references that say otherwise.</param>
internal sealed record RuleVerdict(int Rule, bool IsHit, IReadOnlyList<string> Opposed);
