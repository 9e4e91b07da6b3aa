using System.Xml;
using System.Xml.XPath;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// The XPath 1.0 expression of a variable <c>XML:…</c>, with the prefixes that the rule declares by <c>xmlns</c> actions. Compiled with the rules;
/// serves all threads. Expressions are the administrator's, so their cost is; what they yield is bounded all the same (<see cref="XmlLimits"/>).
/// </summary>
internal sealed class XmlQuery
{
    private readonly XPathExpression expression;

    private XmlQuery(XPathExpression expression) => this.expression = expression;

    /// <summary>The query, or null where the text is no XPath expression, uses an unknown prefix, or is not one that selects nodes.</summary>
    /// <param name="xpath">The expression.</param>
    /// <param name="namespaces">Prefix and URI of each <c>xmlns</c> action.</param>
    public static XmlQuery? TryCompile(string xpath, IReadOnlyDictionary<string, string> namespaces)
    {
        var resolver = new XmlNamespaceManager(new NameTable());
        try
        {
            foreach (var (prefix, uri) in namespaces)
                resolver.AddNamespace(prefix, uri);
            var expression = XPathExpression.Compile(xpath, resolver);
            return expression.ReturnType == XPathResultType.NodeSet ? new XmlQuery(expression) : null;
        }
        catch (Exception fault) when (fault is XPathException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The nodes, in the order of the document.</summary>
    public XPathNodeIterator SelectFrom(XPathNavigator document) => document.Select(expression.Clone());
}
