using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The frames that go to one client. What all streams have to say while the events at hand are told leaves in one write. The client's windows
/// and a bound on what is held decide how much of a body is taken; the rest stays with its stream. Thread safe: under the session's lock.
/// </summary>
internal sealed class Http2Output : IAfterEvents
{
    /// <summary>Most octets of bodies that are held for the client beside those that are under way.</summary>
    private const int MostBody = 64 * 1024;

    /// <summary>More than this of other frames, and nothing more is read from a client that does not take them.</summary>
    private const int MostHeld = 256 * 1024;

    /// <summary>Larger frames gain nothing: a TLS record holds no more.</summary>
    private const int UsualFrame = 16 * 1024;

    private readonly Http2Session session;
    private readonly Lock gate;
    private readonly HpackEncoder encoder = new();
    private readonly OutputBuffer block = new();
    private readonly Queue<StreamWriter> blocked = [];
    private OutputBuffer pending = new();
    private OutputBuffer leaving = new();
    private TaskCompletionSource? room;
    private long window = 65_535;
    private int frameSize = UsualFrame;
    private long round;
    private bool isSending;
    private bool isCorked;
    private bool isDeferred;
    private bool isClosed;

    public Http2Output(Http2Session session)
    {
        this.session = session;
        gate = session.Gate;
    }

    /// <summary>Which write takes what is held now. A frame of it can still be changed.</summary>
    public long Round => round;

    /// <summary>What each new stream may be sent at first (SETTINGS_INITIAL_WINDOW_SIZE of the client).</summary>
    public int InitialWindow { get; private set; } = 65_535;

    /// <summary>Whether the client takes its answers too slowly to be given more.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate) return pending.Length > MostHeld && !isClosed;
        }
    }

    /// <summary>The server's preface (RFC 9113 §3.4).</summary>
    public void WriteSettings(ListenerLimits limits)
    {
        ReadOnlySpan<(SettingName Name, long Value)> settings =
        [
            (SettingName.HeaderTableSize, limits.Http2.HeaderTableBytes),
            (SettingName.MaxConcurrentStreams, limits.Http2.MaxStreams),
            (SettingName.InitialWindowSize, limits.Http2.StreamWindowBytes),
            (SettingName.MaxFrameSize, limits.Http2.FrameBytes),
            (SettingName.MaxHeaderListSize, limits.HeaderBytes),
            (SettingName.EnableConnectProtocol, 1),
        ];
        lock (gate)
        {
            var payload = BeginFrame(settings.Length * 6, FrameType.Settings, FrameFlags.None, 0);
            foreach (var (name, value) in settings)
            {
                BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)name);
                BinaryPrimitives.WriteUInt32BigEndian(payload[2..], (uint)value);
                payload = payload[6..];
            }

            WriteNumber(FrameType.WindowUpdate, 0, (uint)(limits.Http2.ConnectionWindowBytes - 65_535));
        }

        FlushSoon();
    }

    /// <summary>Takes the client's settings over and says so.</summary>
    public ConnectionDefect? Take(in PeerSettings settings)
    {
        lock (gate)
        {
            if (settings.HeaderTableSize is { } table) encoder.SetMaximumTableSize(table);
            if (settings.MaxFrameSize is { } size) frameSize = Math.Min(size, UsualFrame);
            if (settings.InitialWindowSize is { } initial)
            {
                // RFC 9113 §6.9.2: windows may become negative, but not too large.
                if (!session.Streams.TryMoveWindows(initial - InitialWindow)) return new(ErrorCode.FlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE makes a window too large");
                InitialWindow = initial;
            }

            BeginFrame(0, FrameType.Settings, FrameFlags.Ack, 0);
        }

        Pump();
        return null;
    }

    public void WritePingReply(ReadOnlySpan<byte> payload)
    {
        lock (gate) payload.CopyTo(BeginFrame(payload.Length, FrameType.Ping, FrameFlags.Ack, 0));
        FlushSoon();
    }

    /// <summary>Refuses or cuts a stream.</summary>
    public void WriteReset(int stream, ErrorCode code)
    {
        lock (gate) WriteResetHeld(stream, code);
        FlushSoon();
    }

    /// <summary>As <see cref="WriteReset"/>, under the lock; whoever calls sees to it that it is sent.</summary>
    public void WriteResetHeld(int stream, ErrorCode code) => WriteNumber(FrameType.RstStream, stream, (uint)code);

    public void WriteGoAway(int last, ErrorCode code)
    {
        lock (gate)
        {
            var payload = BeginFrame(8, FrameType.GoAway, FrameFlags.None, 0);
            BinaryPrimitives.WriteInt32BigEndian(payload, last);
            BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
        }

        FlushSoon();
    }

    /// <summary>Lets the client send more.</summary>
    /// <param name="stream">0: on the connection.</param>
    /// <param name="more">Octets, more than 0.</param>
    public void WriteWindow(int stream, int more)
    {
        lock (gate) WriteNumber(FrameType.WindowUpdate, stream, (uint)more);
        FlushSoon();
    }

    /// <summary>The client takes more on the connection.</summary>
    public ConnectionDefect? OpenWindow(int more)
    {
        lock (gate)
        {
            if (window + more > int.MaxValue) return new(ErrorCode.FlowControlError, "WINDOW_UPDATE makes the connection's window too large");
            window += more;
        }

        Pump();
        return null;
    }

    /// <summary>
    /// Writes the head of a response; under the lock. Nothing is checked here any more: the encoder's table must not differ from the client's.
    /// </summary>
    /// <returns>Where its frame begins.</returns>
    public int WriteHead(int stream, int status, FieldTable fields, FrameFlags flags)
    {
        block.Clear();
        encoder.Begin(block);
        encoder.WriteStatus(status);
        foreach (ref readonly var field in fields.Fields)
        {
            if (EndToEnd.IsConnectionSpecific(field.Name)) continue;
            if (field.HasOctets)
            {
                encoder.Write(field.Name, fields.OctetsOf(field));
                continue;
            }

            foreach (var value in fields.ValueOf(field)) encoder.Write(field.Name, value ?? string.Empty);
        }

        if (fields.ContentLength is { } length)
        {
            Span<byte> digits = stackalloc byte[20];
            length.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
            encoder.Write(HeaderNames.ContentLength, digits[..count]);
        }

        if (!fields.ContainsKey(HeaderNames.Date)) encoder.Write(HeaderNames.Date, session.Date.Value);
        return WriteBlock(stream, flags);
    }

    /// <summary>Tells a client that waits for it to send its body; under the lock.</summary>
    public void WriteGoAhead(int stream)
    {
        block.Clear();
        encoder.Begin(block);
        encoder.WriteStatus(100);
        WriteBlock(stream, FrameFlags.None);
    }

    /// <summary>Writes trailer fields, which end the stream; under the lock.</summary>
    public void WriteTrailers(int stream, FieldTable fields)
    {
        block.Clear();
        encoder.Begin(block);
        foreach (var (name, values) in fields)
        {
            foreach (var value in values) encoder.Write(name, value ?? string.Empty);
        }

        WriteBlock(stream, FrameFlags.EndStream);
    }

    /// <summary>Writes as much of a body as the windows and the room permit; under the lock.</summary>
    /// <param name="stream">Where it belongs.</param>
    /// <param name="octets">The body, or what is left of it.</param>
    /// <param name="lastFrame">Where the last frame begins; unchanged where there is none.</param>
    /// <returns>Octets written.</returns>
    public int WriteBody(Http2Stream stream, ReadOnlySpan<byte> octets, ref int lastFrame)
    {
        var written = 0;
        while (written < octets.Length)
        {
            var length = (int)Math.Min(Math.Min(octets.Length - written, Math.Min(frameSize, MostBody - pending.Length)), Math.Min(window, stream.SendWindow));
            if (length <= 0) break;
            lastFrame = pending.Length;
            octets.Slice(written, length).CopyTo(BeginFrame(length, FrameType.Data, FrameFlags.None, stream.Id));
            window -= length;
            stream.SendWindow -= length;
            written += length;
        }

        return written;
    }

    /// <summary>Ends a stream by an empty frame; under the lock.</summary>
    public void WriteEnd(int stream) => BeginFrame(0, FrameType.Data, FrameFlags.EndStream, stream);

    /// <summary>Ends a stream by a frame of it that has not left; under the lock.</summary>
    /// <param name="frame">Where it begins in the present <see cref="Round"/>.</param>
    public void MarkEnd(int frame) => pending.At(frame + FrameHeader.FlagsOffset) |= (byte)FrameFlags.EndStream;

    /// <summary>Has a writer go on when the client takes more; under the lock.</summary>
    public void Block(StreamWriter writer) => blocked.Enqueue(writer);

    /// <summary>A stream was broken off: its writer waits no longer. True where its flush is then to be ended.</summary>
    public bool Unblock(StreamWriter writer)
    {
        lock (gate)
        {
            if (!writer.Break()) return false;
            for (var turns = blocked.Count; turns > 0; turns--)
            {
                var other = blocked.Dequeue();
                if (!ReferenceEquals(other, writer)) blocked.Enqueue(other);
            }

            return true;
        }
    }

    /// <summary>Lets the streams that wait write what they can, each a frame or two before the next has its turn.</summary>
    public void Pump()
    {
        StreamWriter? done;
        lock (gate) done = PumpHeld();
        FlushSoon();
        StreamWriter.Release(done);
    }

    /// <summary>From here to <see cref="Uncork"/> nothing is sent: more is about to be written.</summary>
    public void Cork()
    {
        lock (gate) isCorked = true;
    }

    public void Uncork()
    {
        lock (gate) isCorked = false;
        FlushSoon();
    }

    /// <summary>Sends what is held: when the events at hand have been told, or else at once.</summary>
    public void FlushSoon()
    {
        lock (gate)
        {
            if (isSending || isCorked || isDeferred || pending.Length == 0) return;
            if (EventLoop.Current is { } loop)
            {
                isDeferred = true;
                loop.RunAfterEvents(this);
                return;
            }
        }

        Flush();
    }

    void IAfterEvents.AfterEvents()
    {
        lock (gate) isDeferred = false;
        Flush();
    }

    /// <summary>Waits until the client has taken most of what is held for it, or is given up.</summary>
    public Task WaitForRoomAsync()
    {
        lock (gate)
        {
            if (pending.Length <= MostHeld || isClosed) return Task.CompletedTask;
            room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Waits until all has left, or the client is given up.</summary>
    public Task DrainAsync()
    {
        Flush();
        lock (gate)
        {
            if (!isSending || isClosed) return Task.CompletedTask;
            room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Nothing leaves any more.</summary>
    public void Close()
    {
        lock (gate)
        {
            isClosed = true;
            blocked.Clear();
            if (!isSending) ReleaseBuffers();
            room?.TrySetResult();
        }
    }

    private void Flush()
    {
        ReadOnlyMemory<byte> octets;
        lock (gate)
        {
            if (isSending || !TryTake(out octets)) return;
            isSending = true;
        }

        _ = SendAsync(octets);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        try
        {
            while (true)
            {
                session.Floods.CountSent(octets.Length);
                var sending = session.Wire.SendAsync(octets);
                if (!sending.IsCompletedSuccessfully)
                {
                    session.Timer.AwaitSending(octets.Length);
                    await sending;
                    session.Timer.EndSending();
                }

                StreamWriter? done;
                bool isMore;
                lock (gate)
                {
                    leaving.Release();
                    done = PumpHeld();
                    isMore = TryTake(out octets);
                    if (!isMore) isSending = false;
                    if (pending.Length <= MostHeld && (!isMore || octets.Length <= MostHeld)) TellRoom(isMore);
                }

                StreamWriter.Release(done);
                if (!isMore) return;
            }
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            Break();
        }
    }

    private void TellRoom(bool isMore)
    {
        // Who drains waits for the end of all.
        if (room is null || (isMore && session.IsClosing)) return;
        room.TrySetResult();
        room = null;
    }

    private void Break()
    {
        lock (gate)
        {
            isSending = false;
            isClosed = true;
            ReleaseBuffers();
            room?.TrySetResult();
        }

        session.Abort();
    }

    private bool TryTake(out ReadOnlyMemory<byte> octets)
    {
        octets = default;
        if (isClosed)
        {
            ReleaseBuffers();
            return false;
        }

        if (pending.Length == 0)
        {
            pending.Release();
            return false;
        }

        (pending, leaving) = (leaving, pending);
        round++;
        octets = leaving.Written;
        return true;
    }

    private StreamWriter? PumpHeld()
    {
        StreamWriter? done = null;
        for (var turns = blocked.Count; turns > 0 && window > 0 && pending.Length < MostBody; turns--)
        {
            var writer = blocked.Dequeue();
            if (!writer.GoOn())
            {
                blocked.Enqueue(writer);
                continue;
            }

            writer.Next = done;
            done = writer;
        }

        return done;
    }

    private void ReleaseBuffers()
    {
        pending.Release();
        leaving.Release();
        block.Release();
    }

    private int WriteBlock(int stream, FrameFlags flags)
    {
        // RFC 9113 §4.3: nothing comes between the frames of one block.
        var at = pending.Length;
        var left = block.Written.Span;
        var type = FrameType.Headers;
        do
        {
            var part = left[..Math.Min(left.Length, frameSize)];
            left = left[part.Length..];
            if (left.IsEmpty) flags |= FrameFlags.EndHeaders;
            part.CopyTo(BeginFrame(part.Length, type, flags, stream));
            flags &= ~FrameFlags.EndStream;
            type = FrameType.Continuation;
        }
        while (!left.IsEmpty);
        return at;
    }

    private void WriteNumber(FrameType type, int stream, uint number)
    {
        if (number == 0 && type == FrameType.WindowUpdate) return;
        BinaryPrimitives.WriteUInt32BigEndian(BeginFrame(sizeof(uint), type, FrameFlags.None, stream), number);
    }

    /// <summary>Writes a frame's header; its payload is written to what is returned.</summary>
    private Span<byte> BeginFrame(int length, FrameType type, FrameFlags flags, int stream)
    {
        var octets = pending.Reserve(FrameHeader.Size + length);
        new FrameHeader(length, type, flags, stream).Write(octets);
        pending.Advance(FrameHeader.Size + length);
        return octets.Slice(FrameHeader.Size, length);
    }
}
