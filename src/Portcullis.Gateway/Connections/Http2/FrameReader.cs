using System.Buffers.Binary;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Reads a client's frames and does what they say (RFC 9113 §6). DATA goes to its stream as it comes; all other frames are held until they are
/// whole, as far as they may be long. Used by the connection's reader alone.
/// </summary>
internal sealed class FrameReader(Http2Session session, ListenerLimits limits) : IDisposable
{
    private const int PriorityLength = 5;

    // Beside the limits on fields, for what Huffman code may add and pseudo-fields take.
    private const int BlockAllowance = 4 * 1024;

    // Far more than any client says.
    private const int MostSettings = 16 * 1024;

    private readonly HpackDecoder decoder = new((int)limits.Http2.HeaderTableBytes);
    private readonly int mostFrame = (int)limits.Http2.FrameBytes;
    private readonly int mostBlock = (int)Math.Min(limits.HeaderBytes + limits.RequestLineBytes + BlockAllowance, int.MaxValue / 4);
    private readonly long mostFields = limits.HeaderBytes;
    private readonly OutputBuffer block = new();
    private bool hasPreface;
    private bool hasSettings;
    private FrameHeader head; // of the field block that goes on
    private bool isBlockOpen;
    private bool isDependingOnItself;
    private FrameHeader data; // of the DATA that goes on
    private Http2Stream? target;
    private int payloadLeft; // of DATA, or of a frame that is skipped
    private int paddingLeft;
    private bool isData;

    private FloodWatch Floods => session.Floods;

    private Http2Streams Streams => session.Streams;

    /// <summary>Most octets that must be held for a frame to be whole.</summary>
    public int MostHeld => FrameHeader.Size + Math.Max(Math.Min(mostFrame, mostBlock), MostSettings);

    public void Dispose() => block.Release();

    /// <summary>Does what the frames say that are there. Null where all is well so far.</summary>
    public ConnectionDefect? Read(ref ReceiveBuffer input)
    {
        if (!hasPreface)
        {
            if (TakePreface(ref input) is { } defect) return defect;
            if (!hasPreface) return null;
        }

        while (true)
        {
            if (payloadLeft > 0 || paddingLeft > 0)
            {
                if (input.Length == 0) return null;
                GoOn(ref input);
                continue;
            }

            if (isData) EndData();
            if (input.Length < FrameHeader.Size) return null;
            var header = FrameHeader.Read(input.Span);
            if (Check(header) is { } wrong) return wrong;
            if (header.Type == FrameType.Data)
            {
                if (input.Length < FrameHeader.Size + (header.Has(FrameFlags.Padded) ? 1 : 0)) return null;
                if (BeginData(header, ref input) is { } broken) return broken;
                continue;
            }

            if (header.Type > FrameType.Continuation)
            {
                Floods.CountIdle();
                input.Consume(FrameHeader.Size);
                payloadLeft = header.Length;
                continue;
            }

            // A head that is begun must end in time.
            if (header.Type is FrameType.Headers or FrameType.Continuation) session.Timer.BeginHead(session.Limits.HeaderTimeout);
            if (input.Length < FrameHeader.Size + header.Length) return null;
            var error = Take(header, input.Span.Slice(FrameHeader.Size, header.Length));
            input.Consume(FrameHeader.Size + header.Length);
            if (error is not null) return error;
        }
    }

    private ConnectionDefect? TakePreface(ref ReceiveBuffer input)
    {
        var length = Math.Min(input.Length, Http2Preface.Whole.Length);
        if (!Http2Preface.Whole.StartsWith(input.Span[..length])) return new(ErrorCode.ProtocolError, "the connection does not begin with HTTP/2's preface (RFC 9113 §3.4)");
        if (length < Http2Preface.Whole.Length) return null;
        input.Consume(length);
        hasPreface = true;
        return null;
    }

    /// <summary>What can be said by the header alone.</summary>
    private ConnectionDefect? Check(in FrameHeader header)
    {
        if (header.Length > mostFrame) return new(ErrorCode.FrameSizeError, "a frame is larger than SETTINGS_MAX_FRAME_SIZE (RFC 9113 §4.2)");
        if (isBlockOpen && (header.Type != FrameType.Continuation || header.Stream != head.Stream))
            return new(ErrorCode.ProtocolError, "another frame stands within a field block (RFC 9113 §4.3)");
        if (!hasSettings && (header.Type != FrameType.Settings || header.Has(FrameFlags.Ack)))
            return new(ErrorCode.ProtocolError, "the first frame is not SETTINGS (RFC 9113 §3.4)");
        var isOfStream = header.Type is FrameType.Data or FrameType.Headers or FrameType.Priority or FrameType.RstStream or FrameType.Continuation;
        if (isOfStream && header.Stream == 0) return new(ErrorCode.ProtocolError, "a frame of a stream is sent on the connection (RFC 9113 §6)");
        if (header.Type is FrameType.Settings or FrameType.Ping or FrameType.GoAway && header.Stream != 0)
            return new(ErrorCode.ProtocolError, "a frame of the connection is sent on a stream (RFC 9113 §6)");
        if (header.Type is FrameType.Headers or FrameType.Continuation && block.Length + header.Length > mostBlock)
            return new(ErrorCode.EnhanceYourCalm, "a field block is larger than the limits");
        return header.Type switch
        {
            FrameType.Settings when header.Length > MostSettings => new(ErrorCode.EnhanceYourCalm, "SETTINGS of thousands of values"),
            FrameType.Ping when header.Length != 8 => WrongSize,
            FrameType.GoAway when header.Length is < 8 or > MostSettings => WrongSize,
            FrameType.RstStream or FrameType.WindowUpdate when header.Length != 4 => WrongSize,
            FrameType.PushPromise => new(ErrorCode.ProtocolError, "a client pushes (RFC 9113 §8.4)"),
            FrameType.Continuation when !isBlockOpen => new(ErrorCode.ProtocolError, "CONTINUATION without a field block (RFC 9113 §6.10)"),
            _ => null,
        };
    }

    private static ConnectionDefect WrongSize { get; } = new(ErrorCode.FrameSizeError, "a frame has not the size of its kind (RFC 9113 §4.2)");

    private ConnectionDefect? Take(in FrameHeader header, ReadOnlySpan<byte> payload) => header.Type switch
    {
        FrameType.Headers => BeginBlock(header, payload),
        FrameType.Continuation => GoOnBlock(header, payload),
        FrameType.Priority => TakePriority(header, payload),
        FrameType.RstStream => TakeReset(header),
        FrameType.Settings => TakeSettings(header, payload),
        FrameType.Ping => TakePing(header, payload),
        FrameType.WindowUpdate => TakeWindowUpdate(header, payload),
        _ => TakeGoAway(),
    };

    private ConnectionDefect? BeginData(in FrameHeader header, ref ReceiveBuffer input)
    {
        var padding = 0;
        var overhead = 0;
        if (header.Has(FrameFlags.Padded))
        {
            // RFC 9113 §6.1: the first octet says how many of the rest are padding.
            if (header.Length == 0) return WrongSize;
            padding = input.Span[FrameHeader.Size];
            overhead = 1;
            if (padding >= header.Length) return new(ErrorCode.ProtocolError, "padding is longer than its frame (RFC 9113 §6.1)");
        }

        if (header.Length == padding + overhead && !header.Has(FrameFlags.EndStream)) Floods.CountEmptyData();
        if (FindFor(header.Stream, out var stream) is { } defect) return defect;
        if (session.Windows.Take(stream, header.Length, out var fits) is { } overflow) return overflow;
        input.Consume(FrameHeader.Size + overhead);
        data = header;
        isData = true;
        payloadLeft = header.Length - padding - overhead;
        paddingLeft = padding;
        target = stream;
        if (stream is null) session.Windows.Return(null, header.Length);
        else if (!fits) Cut(stream, ErrorCode.FlowControlError);
        else if (stream.IsRemoteEnded) Cut(stream, ErrorCode.StreamClosed);
        else if (padding + overhead > 0) session.Windows.Return(stream, padding + overhead);
        return null;
    }

    /// <summary>Finds the stream that a frame is for, null where it is to be ignored.</summary>
    private ConnectionDefect? FindFor(int id, out Http2Stream? stream)
    {
        stream = Streams.Find(id);
        if (stream is { IsReset: false, IsLocalEnded: false }) return null;
        if (stream is { IsReset: false, IsRemoteEnded: true }) return new(ErrorCode.StreamClosed, "a frame for a stream that has ended (RFC 9113 §5.1)");
        var wasCut = stream is { IsCut: true } || (stream is null && Streams.WasCut(id));
        stream = null;
        if (wasCut) return null;
        return id > Streams.Last || (id & 1) == 0
            ? new(ErrorCode.ProtocolError, "a frame for a stream that was never opened (RFC 9113 §5.1)")
            : new(ErrorCode.StreamClosed, "a frame for a stream that has ended (RFC 9113 §5.1)");
    }

    /// <summary>Takes more of a DATA frame, or of one that is skipped.</summary>
    private void GoOn(ref ReceiveBuffer input)
    {
        if (payloadLeft > 0)
        {
            var length = Math.Min(payloadLeft, input.Length);
            payloadLeft -= length;
            if (target is { } stream) Put(stream, input.Span[..length]);
            input.Consume(length);
            return;
        }

        var skipped = Math.Min(paddingLeft, input.Length);
        paddingLeft -= skipped;
        input.Consume(skipped);
    }

    private void Put(Http2Stream stream, ReadOnlySpan<byte> octets)
    {
        if (stream.Body.Put(octets, out var isTooLong)) return;
        if (isTooLong) Complain(stream);
        session.Windows.Return(stream, octets.Length);
    }

    private void EndData()
    {
        isData = false;
        var stream = target;
        target = null;
        if (stream is null || stream.IsReset || !data.Has(FrameFlags.EndStream)) return;
        EndRemote(stream);
    }

    private void EndRemote(Http2Stream stream)
    {
        stream.EndRemote();
        if (!stream.Body.End()) Complain(stream);
    }

    private ConnectionDefect? BeginBlock(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var padding = 0;
        if (header.Has(FrameFlags.Padded))
        {
            if (payload.IsEmpty) return WrongSize;
            padding = payload[0];
            payload = payload[1..];
        }

        var dependsOn = 0;
        if (header.Has(FrameFlags.Priority))
        {
            if (payload.Length < PriorityLength) return WrongSize;
            dependsOn = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
            payload = payload[PriorityLength..];
        }

        if (padding > payload.Length) return new(ErrorCode.ProtocolError, "padding is longer than its frame (RFC 9113 §6.2)");
        payload = payload[..^padding];
        head = header;
        isDependingOnItself = dependsOn == header.Stream;
        if (header.Has(FrameFlags.EndHeaders)) return EndBlock(payload);
        isBlockOpen = true;
        block.Append(payload);
        return null;
    }

    private ConnectionDefect? GoOnBlock(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Floods.CountContinuation(payload.Length);
        block.Append(payload);
        if (!header.Has(FrameFlags.EndHeaders)) return null;
        isBlockOpen = false;
        var defect = EndBlock(block.Written.Span);
        block.Release();
        return defect;
    }

    private ConnectionDefect? EndBlock(ReadOnlySpan<byte> fields)
    {
        session.Timer.EndHead();
        var id = head.Stream;
        if (id > Streams.Last)
        {
            if ((id & 1) == 0) return new(ErrorCode.ProtocolError, "a client opens a stream with an even number (RFC 9113 §5.1.1)");
            return OpenStream(id, fields);
        }

        if (Streams.Find(id) is null && !Streams.HasEnded(id)) return new(ErrorCode.ProtocolError, "a stream is opened with a number below another's (RFC 9113 §5.1.1)");
        if (FindFor(id, out var stream) is { } defect) return defect;
        return TakeTrailers(stream, fields);
    }

    private ConnectionDefect? OpenStream(int id, ReadOnlySpan<byte> fields)
    {
        Floods.CountOpened();
        var stream = Streams.Open(id);
        var error = decoder.Decode(fields, (IFieldSink?)stream?.Head ?? NoFields);
        if (error is not null) return new(ErrorCode.CompressionError, error);
        if (stream is null)
        {
            Floods.CountReset();
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

        if (stream.Defect is not null) Complain(stream);
        session.Start(stream);
        return null;
    }

    private static TrailerReader NoFields => new(null, 0);

    private ConnectionDefect? TakeTrailers(Http2Stream? stream, ReadOnlySpan<byte> fields)
    {
        var wasEnded = stream is { IsRemoteEnded: true };
        var trailers = new TrailerReader(wasEnded ? null : stream?.Body.TrailerFields, mostFields);
        if (decoder.Decode(fields, trailers) is { } error) return new(ErrorCode.CompressionError, error);
        if (stream is null) return null;
        if (wasEnded)
        {
            Cut(stream, ErrorCode.StreamClosed);
            return null;
        }

        var defect = head.Has(FrameFlags.EndStream) ? trailers.Defect : RequestDefect.TrailersWithoutEnd;
        if (defect is not null)
        {
            Complain(stream);
            stream.Body.Fail(defect.Cause, defect.Status);
        }

        EndRemote(stream);
        return null;
    }

    private ConnectionDefect? TakePriority(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // RFC 9113 §5.3.2: of no effect any more, but it must have its form.
        Floods.CountIdle();
        if (payload.Length != PriorityLength) return CutOr(header.Stream, ErrorCode.FrameSizeError);
        return (BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue) == header.Stream ? CutOr(header.Stream, ErrorCode.ProtocolError) : null;
    }

    private ConnectionDefect? TakeReset(in FrameHeader header)
    {
        if (header.Stream > Streams.Last || (header.Stream & 1) == 0) return new(ErrorCode.ProtocolError, "a stream is reset that was never opened (RFC 9113 §6.4)");
        Floods.CountReset();
        if (Streams.Find(header.Stream) is { } stream) Streams.TakeReset(stream);
        return null;
    }

    private ConnectionDefect? TakeSettings(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Has(FrameFlags.Ack))
        {
            Floods.CountIdle();
            if (!payload.IsEmpty) return WrongSize;
            decoder.Acknowledged();
            return null;
        }

        if (hasSettings) Floods.CountSettings();
        hasSettings = true;
        return PeerSettings.Read(payload, out var settings) ?? session.Output.Take(settings);
    }

    private ConnectionDefect? TakePing(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Floods.CountPing();
        if (!header.Has(FrameFlags.Ack)) session.Output.WritePingReply(payload);
        return null;
    }

    private ConnectionDefect? TakeWindowUpdate(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var more = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (header.Stream == 0) return more == 0 ? new(ErrorCode.ProtocolError, "WINDOW_UPDATE by nothing (RFC 9113 §6.9)") : session.Output.OpenWindow(more);
        if (header.Stream > Streams.Last || (header.Stream & 1) == 0) return new(ErrorCode.ProtocolError, "WINDOW_UPDATE for a stream that was never opened (RFC 9113 §5.1)");
        if (more == 0) return CutOr(header.Stream, ErrorCode.ProtocolError);
        if (Streams.Find(header.Stream) is not { } stream) return null;
        if (!Streams.TryOpenWindow(stream, more)) Cut(stream, ErrorCode.FlowControlError);
        else session.Output.Pump();
        return null;
    }

    private ConnectionDefect? TakeGoAway()
    {
        session.BeginStop();
        return null;
    }

    /// <summary>The request is malformed: it is answered as such, and its stream then ends with an error (RFC 9113 §8.1.1).</summary>
    private void Complain(Http2Stream stream)
    {
        Floods.CountReset();
        stream.Complaint = ErrorCode.ProtocolError;
    }

    /// <summary>An error of a stream (RFC 9113 §5.4.2).</summary>
    private void Cut(Http2Stream stream, ErrorCode code)
    {
        Floods.CountReset();
        Streams.Reset(stream, code);
    }

    private ConnectionDefect? CutOr(int id, ErrorCode code)
    {
        if (Streams.Find(id) is { } stream)
        {
            Cut(stream, code);
        }
        else
        {
            Floods.CountReset();
            session.Output.WriteReset(id, code);
        }

        return null;
    }
}
