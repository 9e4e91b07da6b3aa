using Portcullis.Waf.SecLang;

namespace Portcullis.Waf;

/// <summary>What came of loading rules.</summary>
/// <param name="RuleSet">The rules; null if there are errors.</param>
/// <param name="Errors">All that is wrong, by file and line.</param>
/// <param name="Notes">What was accepted and does nothing here, by file and line: worth a warning.</param>
public sealed record RuleSetResult(RuleSet? RuleSet, IReadOnlyList<RuleError> Errors, IReadOnlyList<RuleError> Notes);
