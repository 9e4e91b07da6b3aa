namespace Portcullis.Waf.Tests.Regexes;

/// <param name="Id">The rule it is of, for messages.</param>
/// <param name="Text">The pattern.</param>
internal sealed record CrsPattern(string Id, byte[] Text)
{
    public override string ToString() => Id;
}
