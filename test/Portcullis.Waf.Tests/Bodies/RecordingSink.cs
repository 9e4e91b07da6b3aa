using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Waf.Tests.Bodies;

/// <summary>Writes down what a reader passes on, a character for a byte.</summary>
internal sealed class RecordingSink : IBodySink
{
    public List<string> Taken { get; } = [];

    public void TakeArgument(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Taken.Add($"{Text(name)}={Text(value)}");

    public void TakeFile(ReadOnlySpan<byte> name, ReadOnlySpan<byte> fileName, ReadOnlySpan<byte> content)
        => Taken.Add($"{Text(name)}={Text(fileName)}:{Text(content)}");

    public void TakePartHeader(ReadOnlySpan<byte> partName, ReadOnlySpan<byte> line) => Taken.Add($"{Text(partName)}>{Text(line)}");

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
