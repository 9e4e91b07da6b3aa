namespace Portcullis.Waf;

/// <summary>Rules, or what they look at, that are left out for one place of use.</summary>
/// <param name="Rules">A rule's id, a range of ids (<c>942000-942999</c>), or a tag, letter for letter (<c>attack-sqli</c>).</param>
/// <param name="Target">A variable or one member (<c>ARGS:comment</c>, <c>REQUEST_COOKIES:/^_ga/</c>) that the rules do not look at; null if they do not run at all.</param>
public sealed record RuleExclusion(string Rules, string? Target = null);
