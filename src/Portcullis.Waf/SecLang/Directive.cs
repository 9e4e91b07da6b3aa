namespace Portcullis.Waf.SecLang;

/// <summary>
/// One directive as written: its name and its arguments without their quotes. Every character stands for one byte of the file (Latin-1), so that
/// patterns keep bytes of any encoding.
/// </summary>
/// <param name="Name">The name as written; directives' names do not depend on case.</param>
/// <param name="Arguments">The arguments in order.</param>
/// <param name="Location">Where it begins.</param>
internal sealed record Directive(string Name, IReadOnlyList<string> Arguments, SourceLocation Location)
{
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
