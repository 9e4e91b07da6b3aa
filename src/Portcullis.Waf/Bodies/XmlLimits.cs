namespace Portcullis.Waf.Bodies;

/// <summary>Bounds of an XML body. Its text is bounded by its size, since no entity of its own is expanded.</summary>
/// <param name="MaximumDepth">Elements within each other.</param>
/// <param name="MaximumAttributes">Attributes in all, declarations of namespaces and what looks like an attribute in text included.</param>
/// <param name="MaximumQueryBytes">Bytes that one <see cref="XmlQuery"/> may yield: each element it selects yields the text of all within it.</param>
internal sealed record XmlLimits(int MaximumDepth = 512, int MaximumAttributes = 10_000, int MaximumQueryBytes = 4 * 1024 * 1024);
