namespace Portcullis.Waf.Bodies;

/// <summary>Takes what an <see cref="XmlQuery"/> selects.</summary>
internal interface IXmlValueSink
{
    /// <summary>The text of one node, in UTF-8, valid during the call only.</summary>
    void TakeXml(ReadOnlySpan<byte> value);
}
