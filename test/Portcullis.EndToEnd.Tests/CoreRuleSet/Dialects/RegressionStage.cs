namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>One request of a case and what must come of it.</summary>
/// <param name="Request">The bytes to send, on a connection of their own.</param>
internal sealed record RegressionStage(byte[] Request, Expectation Expectation);
