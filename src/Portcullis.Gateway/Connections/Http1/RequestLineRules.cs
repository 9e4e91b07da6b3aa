using System.Buffers;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// What Kestrel repairs in a request line and RFC 9112 §3 does not allow: more white space than the two spaces, and anything but one empty
/// line before it (§2.2). Everything else about the line is Kestrel's to refuse.
/// </summary>
internal static class RequestLineRules
{
    /// <summary>Whether the line that the octets begin with may stand; null while its end has not come.</summary>
    public static bool? IsAcceptable(in ReadOnlySequence<byte> octets)
    {
        var reader = new SequenceReader<byte>(octets);
        if (reader.IsNext((byte)'\r', advancePast: true))
        {
            if (reader.End) return null;
            if (!reader.IsNext((byte)'\n', advancePast: true)) return false;
            if (reader.End) return null;
        }

        if (reader.IsNext((byte)'\r') || reader.IsNext((byte)'\n')) return false;
        return reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n') ? HasTwoSpacesAtMost(line) : null;
    }

    private static bool HasTwoSpacesAtMost(in ReadOnlySequence<byte> line)
    {
        var spaces = 0;
        foreach (var segment in line) spaces += segment.Span.Count((byte)' ');
        return spaces <= 2;
    }
}
