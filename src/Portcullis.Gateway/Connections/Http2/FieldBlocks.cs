using System.Buffers.Binary;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Reads field blocks, which open streams or end them as trailers (RFC 9113 §4.3, §6.2, §6.10). Each is decoded, also where nobody wants it: the
/// table of the client's encoder goes on. Used by the connection's reader alone.
/// </summary>
internal sealed class FieldBlocks(Http2Session session, ListenerLimits limits) : IDisposable
{
    private const int PriorityLength = 5;

    // Beside the limits on fields, for what Huffman code may add and pseudo-fields take.
    private const int Allowance = 4 * 1024;

    private readonly HpackDecoder decoder = new((int)limits.Http2.HeaderTableBytes);
    private readonly OutputBuffer block = new();
    private FrameHeader head;
    private bool isOpen;
    private bool isDependingOnItself;

    /// <summary>Most octets of a block before it is decoded.</summary>
    public int Most { get; } = (int)Math.Min(limits.HeaderBytes + limits.RequestLineBytes + Allowance, int.MaxValue / 4);

    /// <summary>Whether a block goes on in the next frame, which must be CONTINUATION.</summary>
    public bool IsOpen => isOpen;

    /// <summary>Where the block that is open belongs.</summary>
    public int Stream => head.Stream;

    /// <summary>Octets of the block that is open.</summary>
    public int Length => block.Length;

    private Http2Streams Streams => session.Streams;

    public void Dispose() => block.Release();

    /// <summary>The client has acknowledged our settings.</summary>
    public void NoteAcknowledged() => decoder.Acknowledged();

    /// <summary>Takes a HEADERS frame.</summary>
    public ConnectionDefect? Begin(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var padding = 0;
        if (header.Has(FrameFlags.Padded))
        {
            if (payload.IsEmpty) return ConnectionDefect.WrongSize;
            padding = payload[0];
            payload = payload[1..];
        }

        var dependsOn = 0;
        if (header.Has(FrameFlags.Priority))
        {
            if (payload.Length < PriorityLength) return ConnectionDefect.WrongSize;
            dependsOn = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
            payload = payload[PriorityLength..];
        }

        if (padding > payload.Length) return new(ErrorCode.ProtocolError, "padding is longer than its frame (RFC 9113 §6.2)");
        payload = payload[..^padding];
        head = header;
        isDependingOnItself = dependsOn == header.Stream;
        if (header.Has(FrameFlags.EndHeaders)) return End(payload);
        isOpen = true;
        block.Append(payload);
        return null;
    }

    /// <summary>Takes a CONTINUATION frame of the block that is open.</summary>
    public ConnectionDefect? GoOn(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        session.Floods.CountContinuation(payload.Length);
        block.Append(payload);
        if (!header.Has(FrameFlags.EndHeaders)) return null;
        isOpen = false;
        var defect = End(block.Written.Span);
        block.Release();
        return defect;
    }

    private ConnectionDefect? End(ReadOnlySpan<byte> fields)
    {
        session.Timer.EndHead();
        var id = head.Stream;
        if (id > Streams.Last)
        {
            if ((id & 1) == 0) return new(ErrorCode.ProtocolError, "a client opens a stream with an even number (RFC 9113 §5.1.1)");
            return OpenStream(id, fields);
        }

        if (Streams.Find(id) is null && !Streams.HasEnded(id)) return new(ErrorCode.ProtocolError, "a stream is opened with a number below another's (RFC 9113 §5.1.1)");
        if (Streams.FindFor(id, out var stream) is { } defect) return defect;
        return TakeTrailers(stream, fields);
    }

    private ConnectionDefect? OpenStream(int id, ReadOnlySpan<byte> fields)
    {
        session.Floods.CountOpened();
        var stream = Streams.Open(id);
        var error = decoder.Decode(fields, (IFieldSink?)stream?.Head ?? NoFields);
        if (error is not null)
        {
            if (stream is not null) Streams.Abandon(stream);
            return new(ErrorCode.CompressionError, error);
        }

        if (stream is null)
        {
            session.Floods.CountReset();
            session.Output.WriteReset(id, ErrorCode.RefusedStream);
            return null;
        }

        var isWhole = head.Has(FrameFlags.EndStream);
        stream.Prepare(isWhole);
        if (isDependingOnItself)
        {
            stream.Defect = RequestDefect.SelfDependency;
        }
        else
        {
            stream.Defect = stream.Head.Check(session.Features.IsTls, isWhole);
        }

        if (stream.Defect is not null) Streams.Complain(stream);
        session.Start(stream);
        return null;
    }

    private static TrailerReader NoFields => new(null, 0, 0);

    private ConnectionDefect? TakeTrailers(Http2Stream? stream, ReadOnlySpan<byte> fields)
    {
        var wasEnded = stream is { IsRemoteEnded: true };
        var trailers = new TrailerReader(wasEnded || stream is null ? null : new FieldTable(), limits.HeaderBytes, limits.HeaderCount);
        if (decoder.Decode(fields, trailers) is { } error) return new(ErrorCode.CompressionError, error);
        if (stream is null) return null;
        if (wasEnded)
        {
            Streams.Cut(stream, ErrorCode.StreamClosed);
            return null;
        }

        var defect = head.Has(FrameFlags.EndStream) ? trailers.Defect : RequestDefect.TrailersWithoutEnd;
        if (defect is not null) stream.Body.Refuse(defect.Cause, defect.Status);
        else stream.Body.TakeTrailers(trailers.Fields!);
        Streams.EndRemote(stream);
        return null;
    }
}
