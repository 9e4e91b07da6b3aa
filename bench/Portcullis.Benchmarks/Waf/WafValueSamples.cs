using System.Text;
using Portcullis.Waf.Bodies;
using Portcullis.Waf.Transformations;

namespace Portcullis.Benchmarks.Waf;

/// <summary>Values and bodies as requests have them, and the least that takes what a body reader passes on.</summary>
internal sealed class WafValueSamples : IBodySink
{
    public const string MultipartType = "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW";

    private readonly byte[] contentType = Encoding.ASCII.GetBytes(MultipartType);
    private readonly byte[] destination = new byte[64 * 1024];
    private readonly JsonOptions json = new();
    private readonly MultipartLimits limits = new();
    private readonly XmlBody xml = new(new XmlLimits());

    /// <summary>Bytes passed on.</summary>
    public long Octets { get; private set; }

    /// <summary>A value of 64 bytes in which nothing is to be done.</summary>
    public byte[] Plain { get; } = "the quick brown fox jumps over the lazy dog 0123456789 and again"u8.ToArray();

    /// <summary>A value of 1 KB in which nearly every transformation has something to do, though not in most of its bytes.</summary>
    public byte[] Mixed { get; } = Repeat("Name=O%27Brien+%u0041 &lt;b&gt; /* x */ \\u0041\\x42 a/../b  C^MD \u00c3\u00a9\0 0x4142 ", 1024);

    public byte[] Form { get; } = Repeat("field=value&name=John+Smith&text=a%20b%2Fc&", 1024);

    public byte[] Json { get; } = Array(1024);

    public byte[] Multipart { get; } = Encoding.ASCII.GetBytes(
        Part("name=\"title\"", "A title")
        + Part("name=\"file\"; filename=\"notes.txt\"\r\nContent-Type: text/plain", Encoding.ASCII.GetString(Repeat("some text - a line of it\r\n", 9 * 1024)))
        + "------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n");

    public byte[] Xml { get; } = Encoding.ASCII.GetBytes(
        $"<order xmlns=\"urn:x\">{string.Concat(Enumerable.Repeat("<line id=\"17\"><article>Some article</article><count>3</count></line>", 14))}</order>");

    public void TakeArgument(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Octets += name.Length + value.Length;

    public void TakeFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> content)
        => Octets += name.Length + fileName.Length + content.Length;

    public void TakePartHeader(ReadOnlySpan<byte> partName, ReadOnlySpan<byte> line) => Octets += partName.Length + line.Length;

    public bool Apply(Transformation transformation, byte[] value) => transformation.TryApply(value, destination, out _);

    public void ReadForm() => Hold(UrlEncodedReader.Read(Form, (byte)'&', 1000, this, out _));

    public void ReadJson() => Hold(JsonReader.Read(Json, json, this));

    public void ReadMultipart() => Hold(MultipartReader.Read(contentType, Multipart, limits, this, out _));

    public void ReadXml() => Hold(xml.Read(Xml));

    private static void Hold(in BodyResult result)
    {
        if (result.IsError) throw new InvalidOperationException(result.Message);
    }

    private static byte[] Repeat(string text, int length)
    {
        var piece = Encoding.Latin1.GetBytes(text);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = piece[i % piece.Length];
        return bytes;
    }

    private static byte[] Array(int length)
    {
        const string element = "{\"id\":17,\"name\":\"Some \\\"name\\\"\",\"tags\":[\"a\",\"b\"],\"price\":12.50,\"sold\":false},";
        return Encoding.ASCII.GetBytes($"{{\"items\":[{string.Concat(Enumerable.Repeat(element, length / element.Length))}null]}}");
    }

    private static string Part(string parameters, string content)
        => $"------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; {parameters}\r\n\r\n{content}\r\n";
}
