namespace Portcullis.Waf.Tests.Builtin;

/// <summary>What came of a line of a corpus.</summary>
/// <param name="IsRefused">Whether request or response was refused.</param>
/// <param name="Hits">Each hit as rule, variable and value.</param>
internal sealed record CorpusVerdict(bool IsRefused, IReadOnlyList<string> Hits);
