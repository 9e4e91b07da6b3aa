namespace Portcullis.Waf.SecLang;

/// <summary>One thing in the rule files that stops them from being used: what is wrong, where, and what to do.</summary>
/// <param name="Location">Where it stands.</param>
/// <param name="Message">A sentence for the one who wrote the rule.</param>
public sealed record RuleError(SourceLocation Location, string Message)
{
    public override string ToString() => $"{Location}: {Message}";
}
