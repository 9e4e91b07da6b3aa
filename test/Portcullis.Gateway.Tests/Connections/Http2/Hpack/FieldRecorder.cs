using System.Text;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

/// <summary>Keeps what a decoder says.</summary>
/// <param name="most">Fields that it wants.</param>
internal sealed class FieldRecorder(int most = int.MaxValue) : IFieldSink
{
    public List<Recorded> Fields { get; } = [];

    /// <summary>Each field as a line of RFC 7541's examples, names in lower case.</summary>
    public IEnumerable<string> Lines => Fields.Select(static one => $"{one.Name.Text.ToLowerInvariant()}: {one.Value}");

    /// <summary>Decodes a block that is right.</summary>
    public static FieldRecorder Decode(HpackDecoder decoder, string hex) => Decode(decoder, Octets(hex));

    public static FieldRecorder Decode(HpackDecoder decoder, ReadOnlySpan<byte> block)
    {
        var recorder = new FieldRecorder();
        Assert.Null(decoder.Decode(block, recorder));
        return recorder;
    }

    /// <summary>What a decoder's dynamic table holds, the newest first.</summary>
    public static string[] Table(HpackDecoder decoder)
    {
        var recorder = new FieldRecorder();
        for (var index = StaticTable.Count + 1; ; index++)
        {
            var octets = new byte[HpackInteger.MostLength];
            if (decoder.Decode(octets.AsSpan(0, HpackInteger.Write(octets, 0x80, 7, index)), recorder) is not null) return [.. recorder.Lines];
        }
    }

    public static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", null, StringComparison.Ordinal));

    public bool TakeText(in FieldName name, string value, bool isValueValid)
    {
        Fields.Add(new Recorded(name, value, isValueValid, IsText: true));
        return Fields.Count < most;
    }

    public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value)
    {
        Fields.Add(new Recorded(name, Encoding.Latin1.GetString(value), FieldLine.IsValue(value), IsText: false));
        return Fields.Count < most;
    }

    /// <param name="IsText">Whether it came out of a table.</param>
    internal sealed record Recorded(FieldName Name, string Value, bool IsValueValid, bool IsText);
}
