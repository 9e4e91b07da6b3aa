namespace Portcullis.Waf.SecLang;

/// <summary>A rule's operator: <c>!@rx ^[a-z]+$</c>. Without a name it is <c>@rx</c>.</summary>
/// <param name="Name">The name without the at sign.</param>
/// <param name="Argument">Everything after the name; empty where nothing follows.</param>
/// <param name="IsNegated">Whether the rule matches where the operator does not.</param>
internal sealed record OperatorSyntax(string Name, string Argument, bool IsNegated)
{
    public static OperatorSyntax Parse(string text)
    {
        var rest = text.AsSpan().TrimStart(Blank.All);
        var isNegated = rest.StartsWith("!");
        if (isNegated) rest = rest[1..].TrimStart(Blank.All);
        if (!rest.StartsWith("@")) return new OperatorSyntax("rx", rest.ToString(), isNegated);

        var end = rest.IndexOfAny(Blank.All);
        return end < 0
            ? new OperatorSyntax(rest[1..].ToString(), "", isNegated)
            : new OperatorSyntax(rest[1..end].ToString(), rest[end..].TrimStart(Blank.All).ToString(), isNegated);
    }
}
