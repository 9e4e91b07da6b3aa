using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using System.Xml.XPath;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// An XML body: what <c>XML:/*</c> and <c>XML://@*</c> stand for, and other XPath expressions. A document type declaration is an error, so there are no
/// entities but the five of XML, and nothing outside the body is ever read. Made once and used for one body after the other; for one thread.
/// </summary>
/// <remarks>The reader of the base library allocates: some 8 KB, and what longer texts take.</remarks>
internal sealed class XmlBody(XmlLimits limits)
{
    private const string TooManyAttributes = "XML: too many attributes";

    /// <summary>Bytes of a buffer that are kept for the next body.</summary>
    private const int Kept = 64 * 1024;

    private readonly List<int> attributeEnds = [];
    private readonly XmlQueryCost cost = new(limits.MaximumDepth);
    private ArrayBufferWriter<byte> text = new();
    private ArrayBufferWriter<byte> attributes = new();
    private ArraySegment<byte> source;
    private XPathDocument? document;
    private bool isRead;

    /// <summary>
    /// <c>XML:/*</c>: all text within the root element as one value, white space, CDATA sections and character references included, comments and
    /// processing instructions not, in UTF-8: what libxml2 gives as the content of the node. After an error, what stands before it.
    /// </summary>
    public ReadOnlySpan<byte> Text => text.WrittenSpan;

    /// <summary>How many values <c>XML://@*</c> has. Declarations of namespaces are no attributes.</summary>
    public int AttributeCount => attributeEnds.Count;

    /// <summary>A value of <c>XML://@*</c>, in the order of the document.</summary>
    public ReadOnlySpan<byte> Attribute(int index)
    {
        var start = index == 0 ? 0 : attributeEnds[index - 1];
        return attributes.WrittenSpan[start..attributeEnds[index]];
    }

    /// <summary>Reads a body in place of the one before. It is to stay as it is while queries are made.</summary>
    public BodyResult Read(ReadOnlyMemory<byte> body)
    {
        Clear();
        source = MemoryMarshal.TryGetArray(body, out var array) ? array : new ArraySegment<byte>(body.ToArray());
        if (MayHaveTooManyAttributes(body.Span)) return BodyResult.Failed(TooManyAttributes, 0, 0);
        try
        {
            using var reader = Open();
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element when reader.Depth >= limits.MaximumDepth:
                        return BodyResult.Failed("XML: too many elements within each other", 0, 0);
                    case XmlNodeType.Element when !TryTakeAttributes(reader):
                        return BodyResult.Failed(TooManyAttributes, 0, 0);
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace when reader.Depth > 0:
                        AddText(reader.Value);
                        break;
                    case XmlNodeType.EndElement:
                        cost.EndElement();
                        break;
                }
            }

            isRead = true;
            return BodyResult.Read(0);
        }
        catch (XmlException fault)
        {
            var message = $"XML: not well-formed, or a document type declaration (line {fault.LineNumber}, position {fault.LinePosition})";
            return BodyResult.Failed(message, 0, 0);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // Encodings that are unknown, or other than what the body is in.
            return BodyResult.Failed("XML: encoding", 0, 0);
        }
    }

    /// <summary>Passes on the values of the nodes that an expression selects.</summary>
    /// <returns>False if they are more than the limits allow, or finding them would cost too much, or no body has been read without error.</returns>
    public bool TrySelect(XmlQuery query, IXmlValueSink sink)
    {
        if (!isRead || cost.IsTooHigh) return false;
        if (document is null)
        {
            using var reader = Open();
            document = new XPathDocument(reader, XmlSpace.Preserve);
        }

        var left = limits.MaximumQueryBytes;
        var value = new ArrayBufferWriter<byte>();
        foreach (XPathNavigator node in query.SelectFrom(document.CreateNavigator()))
        {
            value.ResetWrittenCount();
            Encoding.UTF8.GetBytes(node.Value, value);
            left -= value.WrittenCount;
            if (left < 0) return false;
            sink.TakeXml(value.WrittenSpan);
        }

        return true;
    }

    /// <summary>Forgets the body.</summary>
    public void Clear()
    {
        Reset(ref text);
        Reset(ref attributes);
        attributeEnds.Clear();
        cost.Clear();
        source = default;
        document = null;
        isRead = false;
    }

    private static void Reset(ref ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > Kept) buffer = new ArrayBufferWriter<byte>();
        else buffer.ResetWrittenCount();
    }

    /// <summary>
    /// Whether more attributes than the limit may be there, in a text in any encoding: equals signs with a quote behind them. Asked first because the reader
    /// takes in all attributes of an element before any is seen, and takes long over many.
    /// </summary>
    private bool MayHaveTooManyAttributes(ReadOnlySpan<byte> body)
    {
        var count = 0;
        for (var equals = body.IndexOf((byte)'='); equals >= 0; equals = body.IndexOf((byte)'='))
        {
            body = body[(equals + 1)..].TrimStart("\0\t\n\r "u8);
            if (body is [(byte)'"' or (byte)'\'', ..] && ++count > limits.MaximumAttributes) return true;
        }

        return false;
    }

    private bool TryTakeAttributes(XmlReader reader)
    {
        var declarations = 0;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI == "http://www.w3.org/2000/xmlns/")
            {
                declarations++;
                continue;
            }

            if (attributeEnds.Count == limits.MaximumAttributes) return false;
            Encoding.UTF8.GetBytes(reader.Value, attributes);
            attributeEnds.Add(attributes.WrittenCount);
        }

        reader.MoveToElement();
        cost.StartElement(reader.Depth, declarations);
        return true;
    }

    private void AddText(string value)
    {
        Encoding.UTF8.GetBytes(value, text);
        cost.AddText(value.Length);
    }

    private XmlReader Open() => XmlReader.Create(
        new MemoryStream(source.Array ?? [], source.Offset, source.Count, writable: false),
        new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            ConformanceLevel = ConformanceLevel.Document,
        });
}
