using System.Text;
using System.Xml;
using System.Xml.Linq;
using Portcullis.Waf.Bodies;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// XML bodies as the WAF reads them: input is a document. Whatever it is, reading ends with a result; what is accepted has no document type, keeps
/// its limits, and has the text and the attributes that the base library's document has.
/// </summary>
internal sealed class WafXmlTarget : IFuzzTarget, IXmlValueSink
{
    private static readonly XmlQuery All = XmlQuery.TryCompile("//node()", new Dictionary<string, string>(StringComparer.Ordinal))!;

    private readonly XmlBody xml = new(new XmlLimits(MaximumDepth: 32, MaximumAttributes: 16, MaximumQueryBytes: 64 * 1024));
    private long selected;

    public string Name => "waf-xml";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "<a>", "</a>", "<a/>", "<a b='c'>", "<s:a xmlns:s='u'>", "xmlns='u'", " x=\"y\"", "<![CDATA[", "]]>", "<!--", "-->", "<?p i?>",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>", "encoding=\"utf-16\"",
        "encoding=\"iso-8859-1\"", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "<!DOCTYPE", "&amp;", "&lt;", "&#65;", "&#x0;", "&#xD800;", "&b;", "\0",
        "\u00ff\u00fe", "\u00fe\u00ff", "\u00ef\u00bb\u00bf", "\u00ff", "\u0001", "\r\n", " ", "<", ">",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var body = input.ToArray();
        var result = xml.Read(body);
        BrokenInvariantException.Unless(xml.Text.Length <= 3 * input.Length, "the text is of the body");
        BrokenInvariantException.Unless(xml.AttributeCount <= 16, "attributes keep their limit");
        selected = 0;
        var isSelected = xml.TrySelect(All, this);
        BrokenInvariantException.Unless(selected <= 64 * 1024, "a query keeps its limit");
        BrokenInvariantException.Unless(!isSelected || !result.IsError, "nothing is selected from what was not read");
        if (result.IsError) return;

        using var reader = new XmlTextReader(new MemoryStream(body)) { Normalization = true, XmlResolver = null };
        var document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        BrokenInvariantException.Unless(document.DocumentType is null, "a document type is an error");
        BrokenInvariantException.Unless(Encoding.UTF8.GetBytes(document.Root!.Value).AsSpan().SequenceEqual(xml.Text), "the text is that of the document");
        var attributes = document.Root.DescendantsAndSelf().Attributes().Where(static one => !one.IsNamespaceDeclaration).ToList();
        BrokenInvariantException.Unless(attributes.Count == xml.AttributeCount, "the attributes are those of the document");
        for (var i = 0; i < attributes.Count; i++)
        {
            BrokenInvariantException.Unless(
                Encoding.UTF8.GetBytes(attributes[i].Value).AsSpan().SequenceEqual(xml.Attribute(i)), "an attribute is that of the document");
        }
    }

    public void TakeXml(ReadOnlySpan<byte> value) => selected += value.Length;
}
