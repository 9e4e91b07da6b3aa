namespace Portcullis.Waf.SecLang;

/// <summary>Where in the rule files something stands; lines count from 1.</summary>
/// <param name="File">The path as the configuration or the <c>Include</c> gave it, or the name of a built-in file.</param>
/// <param name="Line">The line on which the directive begins.</param>
public readonly record struct SourceLocation(string File, int Line)
{
    public override string ToString() => $"{File}:{Line}";
}
