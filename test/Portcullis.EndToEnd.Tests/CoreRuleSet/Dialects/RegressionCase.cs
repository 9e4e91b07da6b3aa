namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>One regression test of the Core Rule Set, whichever dialect it is written in.</summary>
/// <param name="Id">Unique within its suite: <c>942100-3</c>.</param>
internal sealed record RegressionCase(string Id, IReadOnlyList<RegressionStage> Stages);
