using System.Buffers.Binary;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Reads a client's frames and does what they say (RFC 9113 §6). DATA goes to its stream as it comes; all other frames are held until they are
/// whole, as far as they may be long. Used by the connection's reader alone.
/// </summary>
internal sealed class FrameReader(Http2Session session, ListenerLimits limits) : IDisposable
{
    private const int PriorityLength = 5;

    // Far more than any client says.
    private const int MostSettings = 16 * 1024;

    private readonly FieldBlocks blocks = new(session, limits);
    private readonly int mostFrame = (int)limits.Http2.FrameBytes;
    private bool hasPreface;
    private bool hasSettings;
    private FrameHeader data; // of the DATA that goes on
    private Http2Stream? target;
    private int payloadLeft; // of DATA, or of a frame that is skipped
    private int paddingLeft;
    private bool isData;

    private FloodWatch Floods => session.Floods;

    private Http2Streams Streams => session.Streams;

    /// <summary>Most octets that must be held for a frame to be whole.</summary>
    public int MostHeld => FrameHeader.Size + Math.Max(Math.Min(mostFrame, blocks.Most), MostSettings);

    public void Dispose() => blocks.Dispose();

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
        if (blocks.IsOpen && (header.Type != FrameType.Continuation || header.Stream != blocks.Stream))
            return new(ErrorCode.ProtocolError, "another frame stands within a field block (RFC 9113 §4.3)");
        if (!hasSettings && (header.Type != FrameType.Settings || header.Has(FrameFlags.Ack)))
            return new(ErrorCode.ProtocolError, "the first frame is not SETTINGS (RFC 9113 §3.4)");
        var isOfStream = header.Type is FrameType.Data or FrameType.Headers or FrameType.Priority or FrameType.RstStream or FrameType.Continuation;
        if (isOfStream && header.Stream == 0) return new(ErrorCode.ProtocolError, "a frame of a stream is sent on the connection (RFC 9113 §6)");
        if (header.Type is FrameType.Settings or FrameType.Ping or FrameType.GoAway && header.Stream != 0)
            return new(ErrorCode.ProtocolError, "a frame of the connection is sent on a stream (RFC 9113 §6)");
        if (header.Type is FrameType.Headers or FrameType.Continuation && blocks.Length + header.Length > blocks.Most)
            return new(ErrorCode.EnhanceYourCalm, "a field block is larger than the limits");
        return header.Type switch
        {
            FrameType.Settings when header.Length > MostSettings => new(ErrorCode.EnhanceYourCalm, "SETTINGS of thousands of values"),
            FrameType.Ping when header.Length != 8 => ConnectionDefect.WrongSize,
            FrameType.GoAway when header.Length is < 8 or > MostSettings => ConnectionDefect.WrongSize,
            FrameType.RstStream or FrameType.WindowUpdate when header.Length != 4 => ConnectionDefect.WrongSize,
            FrameType.Data when header.Length == 0 && header.Has(FrameFlags.Padded) => ConnectionDefect.WrongSize,
            FrameType.PushPromise => new(ErrorCode.ProtocolError, "a client pushes (RFC 9113 §8.4)"),
            FrameType.Continuation when !blocks.IsOpen => new(ErrorCode.ProtocolError, "CONTINUATION without a field block (RFC 9113 §6.10)"),
            _ => null,
        };
    }

    private ConnectionDefect? Take(in FrameHeader header, ReadOnlySpan<byte> payload) => header.Type switch
    {
        FrameType.Headers => blocks.Begin(header, payload),
        FrameType.Continuation => blocks.GoOn(header, payload),
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
            padding = input.Span[FrameHeader.Size];
            overhead = 1;
            if (padding >= header.Length) return new(ErrorCode.ProtocolError, "padding is longer than its frame (RFC 9113 §6.1)");
        }

        if (header.Length == padding + overhead && !header.Has(FrameFlags.EndStream)) Floods.CountEmptyData();
        if (Streams.FindFor(header.Stream, out var stream) is { } defect) return defect;
        if (session.Windows.Take(stream, header.Length, out var fits) is { } overflow) return overflow;
        input.Consume(FrameHeader.Size + overhead);
        data = header;
        isData = true;
        payloadLeft = header.Length - padding - overhead;
        paddingLeft = padding;
        target = stream;
        if (stream is null) session.Windows.Return(null, header.Length);
        else if (!fits) Streams.Cut(stream, ErrorCode.FlowControlError);
        else if (stream.IsRemoteEnded) Streams.Cut(stream, ErrorCode.StreamClosed);
        else if (padding + overhead > 0) session.Windows.Return(stream, padding + overhead);
        return null;
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
        if (stream.Body.Put(octets)) return;
        session.Windows.Return(stream, octets.Length);
        Streams.CountDropped(stream, octets.Length);
    }

    private void EndData()
    {
        isData = false;
        var stream = target;
        target = null;
        if (stream is null || stream.IsReset || !data.Has(FrameFlags.EndStream)) return;
        Streams.EndRemote(stream);
    }

    private ConnectionDefect? TakePriority(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // RFC 9113 §5.3.2: of no effect any more, but it must have its form.
        Floods.CountIdle();
        if (payload.Length != PriorityLength) return Streams.Cut(header.Stream, ErrorCode.FrameSizeError);
        return (BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue) == header.Stream ? Streams.Cut(header.Stream, ErrorCode.ProtocolError) : null;
    }

    private ConnectionDefect? TakeReset(in FrameHeader header)
    {
        if (header.Stream > Streams.Last || (header.Stream & 1) == 0) return new(ErrorCode.ProtocolError, "a stream is reset that was never opened (RFC 9113 §6.4)");
        Floods.CountReset();
        Streams.TakeReset(header.Stream);
        return null;
    }

    private ConnectionDefect? TakeSettings(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Has(FrameFlags.Ack))
        {
            Floods.CountIdle();
            if (!payload.IsEmpty) return ConnectionDefect.WrongSize;
            blocks.NoteAcknowledged();
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
        if (more == 0) return Streams.Cut(header.Stream, ErrorCode.ProtocolError);
        if (Streams.Find(header.Stream) is not { } stream) return null;
        if (!Streams.TryOpenWindow(stream, more)) Streams.Cut(stream, ErrorCode.FlowControlError);
        else session.Output.Pump();
        return null;
    }

    private ConnectionDefect? TakeGoAway()
    {
        Floods.CountIdle();
        session.BeginStop();
        return null;
    }
}
