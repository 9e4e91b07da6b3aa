using Portcullis.Waf.Bodies;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Variables;

/// <summary>XML: the text and the attributes of a document, and what other XPath expressions select. Empty unless the body is XML.</summary>
internal sealed class XmlVariables
{
    private static readonly Slice TextPath = Slice.Of("/*");
    private static readonly Slice AttributesPath = Slice.Of("//@*");

    private readonly List<int> attributes = [];
    private XmlBody? body;
    private int text = Found.NoValue;
    private bool isRead;
    private bool isWellFormed;

    /// <summary>Reads a document. <paramref name="document"/> must stay until <see cref="Clear"/>.</summary>
    public BodyResult Read(ReadOnlyMemory<byte> document, Arena arena, ValueTable values)
    {
        body ??= new XmlBody(new XmlLimits());
        var result = body.Read(document);
        isRead = true;
        isWellFormed = !result.IsError;
        text = values.Add(arena.Copy(body.Text));
        for (var index = 0; index < body.AttributeCount; index++) attributes.Add(values.Add(arena.Copy(body.Attribute(index))));
        return result;
    }

    public void Expand(Target target, Arena arena, ValueTable values, FoundList list)
    {
        if (!isRead) return;
        if (target.Query is null || target.Name.Span.SequenceEqual(TextPath.Span))
        {
            Add(target, text, list);
        }
        else if (target.Name.Span.SequenceEqual(AttributesPath.Span))
        {
            foreach (var attribute in attributes) Add(target, attribute, list);
        }
        else
        {
            // What a query may yield or cost is bounded. Beyond it the rule has not seen all that it asks for.
            if (isWellFormed && !body!.TrySelect(target.Query, new Selected(target, arena, values, list))) arena.Fill();
        }
    }

    public void Clear()
    {
        if (!isRead) return;
        body!.Clear();
        attributes.Clear();
        text = Found.NoValue;
        isRead = false;
    }

    private static void Add(Target target, int value, FoundList list)
    {
        ref var found = ref list.Add();
        found.Variable = Variable.Xml;
        found.Name = target.Name;
        found.NameId = NameTable.Unknown;
        found.Value = value;
    }

    private sealed class Selected(Target target, Arena arena, ValueTable values, FoundList list) : IXmlValueSink
    {
        // The texts of nested elements repeat one another: all of them may be far more than the document.
        public void TakeXml(ReadOnlySpan<byte> value)
        {
            if (arena.HasRoom(value.Length)) Add(target, values.Add(arena.Copy(value)), list);
        }
    }
}
