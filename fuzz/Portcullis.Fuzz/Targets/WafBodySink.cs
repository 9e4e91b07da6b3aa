using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Fuzz.Targets;

/// <summary>Keeps what a body reader passes on, a character for an octet.</summary>
internal sealed class WafBodySink : IBodySink
{
    public List<(string Name, string Value)> Arguments { get; } = [];

    public List<(string Name, string FileName, string Content)> Files { get; } = [];

    public List<(string Part, string Line)> PartHeaders { get; } = [];

    /// <summary>Octets of all that was passed on.</summary>
    public long Octets { get; private set; }

    public void TakeArgument(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Arguments.Add((Text(name), Text(value)));

    public void TakeFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> content)
        => Files.Add((Text(name), Text(fileName), Text(content)));

    public void TakePartHeader(ReadOnlySpan<byte> partName, ReadOnlySpan<byte> line) => PartHeaders.Add((Text(partName), Text(line)));

    public bool IsLike(WafBodySink other)
        => Arguments.SequenceEqual(other.Arguments) && Files.SequenceEqual(other.Files) && PartHeaders.SequenceEqual(other.PartHeaders);

    private string Text(ReadOnlySpan<byte> octets)
    {
        Octets += octets.Length;
        return Encoding.Latin1.GetString(octets);
    }
}
