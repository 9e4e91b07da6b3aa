namespace Portcullis.Waf.Rules;

/// <summary>What reports of a rule must not show (<c>sanitiseArg</c>, <c>sanitiseMatched</c>, <c>sanitiseRequestHeader</c> …).</summary>
/// <param name="Matched">The matched value itself.</param>
/// <param name="Names">Names of arguments and header fields.</param>
internal sealed record Sanitising(bool Matched, IReadOnlyList<string> Names);
