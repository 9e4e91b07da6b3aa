using System.Text;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Fuzz.Targets;

/// <summary>Reads what a connection sends as a client does that insists on RFC 9113.</summary>
internal sealed class Http2Answers : IFieldSink
{
    private readonly HpackDecoder decoder = new(HpackDecoder.InitialTableSize);
    private readonly HashSet<int> ended = [];
    private readonly HashSet<int> begun = [];
    private readonly StringBuilder text = new();

    /// <summary>All that was sent.</summary>
    public string Text => text.ToString();

    /// <summary>Takes what a session has to send.</summary>
    public void TakeFrom(Http2Session session)
    {
        while (true)
        {
            lock (session.Gate)
            {
                var octets = session.Output.Frames.Take();
                if (octets.IsEmpty) return;
                Take(octets.Span, session.Streams.Last);
                session.Output.Frames.ReleaseTaken();
            }

            // As the output does once something has left.
            session.Output.Pump();
        }
    }

    public bool TakeText(in FieldName name, string value, bool isValueValid)
    {
        BrokenInvariantException.Unless(isValueValid && (name.IsValid || name.Text == ":status"), "fields are sent that are fields");
        text.Append(name.Text).Append('=').Append(value).Append(' ');
        return true;
    }

    public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value) => TakeText(name, Encoding.Latin1.GetString(value), isValueValid: true);

    private void Take(ReadOnlySpan<byte> octets, int last)
    {
        while (!octets.IsEmpty)
        {
            var header = FrameHeader.Read(octets);
            BrokenInvariantException.Unless(header.Length <= 16 * 1024, "no frame is larger than each client takes");
            var payload = octets.Slice(FrameHeader.Size, header.Length);
            octets = octets[(FrameHeader.Size + header.Length)..];
            text.Append(header.Type).Append(header.Flags).Append(header.Stream).Append(' ');
            if (header.Stream != 0) BrokenInvariantException.Unless((header.Stream & 1) == 1 && header.Stream <= last, "frames are sent on streams that were opened");
            if (header.Type == FrameType.Data) text.Append(Encoding.Latin1.GetString(payload));
            if (header.Type == FrameType.Headers) TakeHead(header, payload);
            else if (header.Type == FrameType.Data) BrokenInvariantException.Unless(begun.Contains(header.Stream), "a body comes behind its head");
            if (header.Type is FrameType.Data or FrameType.Headers) BrokenInvariantException.Unless(!ended.Contains(header.Stream), "nothing follows the end of a stream");
            if (header.Type == FrameType.RstStream || (header.Type is FrameType.Data or FrameType.Headers && header.Has(FrameFlags.EndStream))) ended.Add(header.Stream);
            text.Append('\n');
        }
    }

    private void TakeHead(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        begun.Add(header.Stream);
        BrokenInvariantException.Unless(header.Has(FrameFlags.EndHeaders), "so few fields need one frame");
        BrokenInvariantException.Unless(decoder.Decode(payload, this) is null, "fields are sent as HPACK has them");
    }
}
