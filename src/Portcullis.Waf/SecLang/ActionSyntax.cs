namespace Portcullis.Waf.SecLang;

/// <summary>One action as written: <c>deny</c>, <c>id:942100</c>, <c>setvar:'tx.score=+5'</c>.</summary>
/// <param name="Name">Its name as written.</param>
/// <param name="Value">What follows the colon, without quotes; null where nothing does.</param>
internal sealed record ActionSyntax(string Name, string? Value)
{
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
