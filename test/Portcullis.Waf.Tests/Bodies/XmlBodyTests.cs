using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Waf.Tests.Bodies;

public sealed class XmlBodyTests
{
    private static readonly Dictionary<string, string> Namespaces = new(StringComparer.Ordinal) { ["s"] = "urn:s" };

    [Theory]
    [InlineData("<a>x<b>y</b> <c/>z</a>", "xy z")]
    [InlineData("<?xml version=\"1.0\"?>\n<a>\n  <b>x</b>\n</a>\n", "\n  x\n")]
    [InlineData("<a><!-- no --><?no no?><![CDATA[<x>&amp;]]>&lt;&#65;&#x42;</a>", "<x>&amp;<AB")]
    [InlineData("<a>x\r\ny</a>", "x\ny")]
    [InlineData("<a/>", "")]
    public void The_text_is_all_text_within_the_root_as_one_value(string body, string expected)
    {
        var xml = new XmlBody(new XmlLimits());
        Assert.False(xml.Read(Encoding.UTF8.GetBytes(body)).IsError);
        Assert.Equal(expected, Encoding.UTF8.GetString(xml.Text));
    }

    [Fact]
    public void Attributes_are_one_value_each_and_declarations_of_namespaces_are_none()
    {
        var xml = new XmlBody(new XmlLimits());
        Assert.False(xml.Read("<a x='1&lt;' xmlns='urn:a' xmlns:s='urn:s'><b s:y=\"2\" z=''/></a>"u8.ToArray()).IsError);
        Assert.Equal(["1<", "2", ""], Enumerable.Range(0, xml.AttributeCount).Select(i => Encoding.UTF8.GetString(xml.Attribute(i))));
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\u00e4</a>", false)]
    [InlineData("<a>\u00e4</a>", true)]
    public void The_text_is_read_in_its_declared_encoding_and_passed_on_in_UTF8(string body, bool isUnicode)
    {
        var xml = new XmlBody(new XmlLimits());
        byte[] bytes = isUnicode ? [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(body)] : Encoding.Latin1.GetBytes(body);
        Assert.False(xml.Read(bytes).IsError);
        Assert.Equal("\u00e4", Encoding.UTF8.GetString(xml.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<a>")]
    [InlineData("<a></b>")]
    [InlineData("<a/><b/>")]
    [InlineData("<a b=c/>")]
    [InlineData("<a b='1' b='2'/>")]
    [InlineData("<a>&b;</a>")]
    [InlineData("<a>\u0001</a>")]
    [InlineData("<a>&#0;</a>")]
    [InlineData("<a>\u00ff</a>")]
    [InlineData("<s:a/>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"x-unknown\"?><a/>")]
    [InlineData("<!DOCTYPE a><a/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    [InlineData("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>")]
    public void What_is_not_XML_or_has_a_document_type_is_an_error(string body)
    {
        var xml = new XmlBody(new XmlLimits());
        Assert.True(xml.Read(Encoding.Latin1.GetBytes(body)).IsError);
        Assert.False(xml.TrySelect(XmlQuery.TryCompile("//a", Namespaces)!, new Values()));
    }

    [Fact]
    public void What_stands_before_an_error_is_there()
    {
        var xml = new XmlBody(new XmlLimits());
        Assert.True(xml.Read("<a b='1'>x</c>"u8.ToArray()).IsError);
        Assert.Equal("x", Encoding.UTF8.GetString(xml.Text));
        Assert.Equal(1, xml.AttributeCount);
    }

    [Fact]
    public void Depth_and_attributes_have_limits()
    {
        var xml = new XmlBody(new XmlLimits(MaximumDepth: 2, MaximumAttributes: 2));
        Assert.False(xml.Read("<a x='1'><b y='2'/></a>"u8.ToArray()).IsError);
        Assert.True(xml.Read("<a><b><c/></b></a>"u8.ToArray()).IsError);
        Assert.True(xml.Read("<a x='1' y='2'><b z='3'/></a>"u8.ToArray()).IsError);
        Assert.True(xml.Read(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("<a x='1' y =\t\"2\" z='3'/>")).ToArray()).IsError);
        Assert.False(xml.Read("<a x='1'>y=2, z=3, w=4</a>"u8.ToArray()).IsError);
    }

    [Theory]
    [InlineData("//b", "y|")]
    [InlineData("/*", "xy z")]
    [InlineData("//@*", "1|2")]
    [InlineData("/a/s:c/@k", "2")]
    [InlineData("//text()[contains(., 'x')]", "x")]
    [InlineData("//none", null)]
    public void Other_expressions_select_nodes_in_the_order_of_the_document(string xpath, string? expected)
    {
        var xml = new XmlBody(new XmlLimits());
        xml.Read("<a k='1'>x<b>y</b> <s:c xmlns:s='urn:s' k='2'/>z<b/></a>"u8.ToArray());
        var values = new Values();
        Assert.True(xml.TrySelect(XmlQuery.TryCompile(xpath, Namespaces)!, values));
        Assert.Equal(expected?.Split('|') ?? [], values.Taken);
    }

    [Fact]
    public void A_body_over_which_a_query_would_take_too_long_is_not_queried_but_read()
    {
        var xml = new XmlBody(new XmlLimits());
        var query = XmlQuery.TryCompile("//b", Namespaces)!;
        var pieces = string.Concat(Enumerable.Repeat("<!---->x", 10_000));
        Assert.False(xml.Read(Encoding.ASCII.GetBytes($"<a>{pieces}</a>")).IsError);
        Assert.Equal(10_000, xml.Text.Length);
        Assert.False(xml.TrySelect(query, new Values()));

        var declarations = string.Concat(Enumerable.Range(0, 5000).Select(static i => $" xmlns:n{i}='u'"));
        Assert.False(xml.Read(Encoding.ASCII.GetBytes($"<a{declarations}>{string.Concat(Enumerable.Repeat("<b/>", 5000))}</a>")).IsError);
        Assert.False(xml.TrySelect(query, new Values()));

        Assert.False(xml.Read(Encoding.ASCII.GetBytes($"<a>{string.Concat(Enumerable.Repeat("<b>some text</b>", 5000))}</a>")).IsError);
        Assert.True(xml.TrySelect(query, new Values()));
    }

    [Fact]
    public void What_a_query_yields_has_a_limit()
    {
        var xml = new XmlBody(new XmlLimits(MaximumQueryBytes: 5));
        xml.Read("<a><b>12</b><b>34</b></a>"u8.ToArray());
        Assert.True(xml.TrySelect(XmlQuery.TryCompile("//b", Namespaces)!, new Values()));
        Assert.False(xml.TrySelect(XmlQuery.TryCompile("//*", Namespaces)!, new Values()));
    }

    [Theory]
    [InlineData("//[")]
    [InlineData("//x:a")]
    [InlineData("count(//a)")]
    [InlineData("")]
    public void What_selects_no_nodes_does_not_compile(string xpath) => Assert.Null(XmlQuery.TryCompile(xpath, Namespaces));

    [Fact]
    public void A_body_takes_the_place_of_the_one_before()
    {
        var xml = new XmlBody(new XmlLimits());
        xml.Read("<a k='1'>x</a>"u8.ToArray());
        xml.Read("<b>y</b>"u8.ToArray());
        Assert.Equal("y", Encoding.UTF8.GetString(xml.Text));
        Assert.Equal(0, xml.AttributeCount);
        xml.Clear();
        Assert.Equal(0, xml.Text.Length);
    }

    private sealed class Values : IXmlValueSink
    {
        public List<string> Taken { get; } = [];

        public void TakeXml(ReadOnlySpan<byte> value) => Taken.Add(Encoding.UTF8.GetString(value));
    }
}
