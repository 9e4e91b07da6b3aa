using System.Text;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Takes the chunked coding (RFC 9112 §7.1) off a body that arrives in any pieces, and reads its trailer section.</summary>
/// <param name="keepsAllTrailers">Whether trailer fields that have no place there are kept, for somebody who refuses them; else they are dropped.</param>
internal sealed class ChunkedDecoder(bool keepsAllTrailers = false)
{
    // Extensions carry nothing for us; an upstream that wraps every octet of content in them is cut off.
    private const int MaximumExtensionOctets = 16 * 1024;

    private LineScanner lines;
    private Position position;
    private long left;
    private long total;
    private int extensionOctets;

    private enum Position
    {
        Size,
        Content,
        ContentEnd,
        Trailers,
        Done,
    }

    public FieldTable Trailers { get; } = new();

    private int trailerLines;

    public string? Error { get; private set; }

    /// <summary>Octets of content that come next without framing between them.</summary>
    public long ContentAhead => position == Position.Content ? left : 0;

    public void Restart()
    {
        lines.Restart();
        position = Position.Size;
        left = total = 0;
        extensionOctets = 0;
        Error = null;
        trailerLines = 0;
        Trailers.Clear();
    }

    /// <summary>Reads on to the next piece of content.</summary>
    /// <returns><see cref="ParseStep.Data"/>, <see cref="ParseStep.NeedMore"/>, <see cref="ParseStep.End"/> or <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep Next(ReadOnlySpan<byte> data, out int consumed, out ReadOnlySpan<byte> content)
    {
        consumed = 0;
        content = default;
        while (true)
        {
            var rest = data[consumed..];
            switch (position)
            {
                case Position.Content:
                    if (rest.IsEmpty)
                        return ParseStep.NeedMore;
                    content = rest[..(int)Math.Min(left, rest.Length)];
                    consumed += content.Length;
                    TakeContent(content.Length);
                    return ParseStep.Data;

                case Position.ContentEnd:
                    if (rest.Length > 0 && rest[0] != '\r')
                        return Invalid("a chunk is longer than its size");
                    if (rest.Length < 2)
                        return ParseStep.NeedMore;
                    if (rest[1] != '\n')
                        return Invalid("a chunk does not end in CRLF");
                    consumed += 2;
                    position = Position.Size;
                    break;

                case Position.Done:
                    return ParseStep.End;

                default:
                    var step = lines.Next(rest, position == Position.Size ? ChunkLine.MaximumLength : ResponseParser.MaximumHead, out var line, out var error);
                    if (step != ParseStep.Data)
                        return error is null ? step : Invalid(error);

                    consumed += line.Length + 2;
                    error = position == Position.Size ? TakeSize(line) : TakeTrailer(line);
                    if (error is not null)
                        return Invalid(error);
                    break;
            }
        }
    }

    /// <summary>Counts octets of content that were read past this decoder, at most <see cref="ContentAhead"/>.</summary>
    public void TakeContent(long length)
    {
        left -= length;
        if (left == 0)
            position = Position.ContentEnd;
    }

    private string? TakeSize(ReadOnlySpan<byte> line)
    {
        if (ChunkLine.Parse(line, out left) is { } error)
            return error;

        var extension = line.IndexOf((byte)';');
        if (extension >= 0 && (extensionOctets += line.Length - extension) > MaximumExtensionOctets)
            return "the chunk extensions are too large";
        if (long.MaxValue - total < left)
            return "the chunks together are too large";

        total += left;
        lines.Restart();
        position = left == 0 ? Position.Trailers : Position.Content;
        return null;
    }

    private string? TakeTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            position = Position.Done;
            return null;
        }

        if (FieldLine.Split(line, out var name, out var known, out var value, out var traits) is { } error)
            return error;

        // RFC 9110 §6.5.1: a field that would change framing, routing or meaning after the fact is dropped.
        if (!keepsAllTrailers && (traits & FieldTraits.NotInTrailers) != FieldTraits.None)
            return null;

        if (++trailerLines > ResponseParser.MaximumFields)
            return "the trailer section has too many fields";

        if ((traits & FieldTraits.ContentLength) != FieldTraits.None)
            Trailers.AddText(known!, Encoding.Latin1.GetString(value));
        else
            Trailers.AddLine(name, known, value, traits);
        return null;
    }

    private ParseStep Invalid(string error)
    {
        Error = error;
        return ParseStep.Invalid;
    }
}
