using System.Runtime.InteropServices;
using System.Text;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>A field in a table of the decoder, with what is known of it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct HpackEntry(in FieldName name, ReadOnlySpan<byte> value)
{
    /// <summary>What each field counts beside its octets (RFC 7541 §4.1, RFC 9113 §6.5.2).</summary>
    public const int Overhead = 32;

    public FieldName Name { get; } = name;

    public string Value { get; } = Encoding.Latin1.GetString(value);

    public bool IsValueValid { get; } = FieldLine.IsValue(value);

    public static int Size(int nameLength, int valueLength) => nameLength + valueLength + Overhead;
}
