namespace Portcullis.Waf.SecLang;

/// <summary>One item of a rule's list of variables: <c>ARGS</c>, <c>&amp;REQUEST_HEADERS:Host</c>, <c>!REQUEST_COOKIES:/__utm/</c>.</summary>
/// <param name="Variable">The variable's name as written.</param>
/// <param name="Selector">What follows the colon, without slashes or quotes; null for the whole collection.</param>
/// <param name="SelectorIsRegex">Whether the selector stood between slashes.</param>
/// <param name="IsCount">Whether the number of members is meant, not the members.</param>
/// <param name="IsExclusion">Whether members are taken out.</param>
internal sealed record TargetSyntax(string Variable, string? Selector, bool SelectorIsRegex, bool IsCount, bool IsExclusion);
