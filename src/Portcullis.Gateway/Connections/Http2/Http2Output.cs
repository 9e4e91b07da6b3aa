using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

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

    private readonly Http2Session session;
    private readonly Lock gate;
    private readonly Queue<StreamWriter> blocked = [];
    private TaskCompletionSource? room;
    private long window = PeerSettings.InitialWindow;
    private bool isSending;
    private bool isCorked;
    private bool isDeferred;
    private bool isEnding; // closed as soon as all has left
    private bool isClosed;

    public Http2Output(Http2Session session)
    {
        this.session = session;
        gate = session.Gate;
        Frames = new FrameWriter(session.Date);
    }

    /// <summary>What is written and has not left; under the lock. Whoever writes to it sees to it that it is sent.</summary>
    public FrameWriter Frames { get; }

    /// <summary>What each new stream may be sent at first (SETTINGS_INITIAL_WINDOW_SIZE of the client).</summary>
    public int InitialWindow { get; private set; } = PeerSettings.InitialWindow;

    /// <summary>Whether the client takes its answers too slowly to be given more.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate) return Frames.Length > MostHeld && !isClosed;
        }
    }

    /// <summary>The server's preface (RFC 9113 §3.4).</summary>
    public void WriteSettings(ListenerLimits limits)
    {
        lock (gate) Frames.WriteSettings(limits);
        FlushSoon();
    }

    /// <summary>Takes the client's settings over and says so.</summary>
    public ConnectionDefect? Take(in PeerSettings settings)
    {
        lock (gate)
        {
            Frames.Adopt(settings);
            if (settings.InitialWindowSize is { } initial)
            {
                // RFC 9113 §6.9.2: windows may become negative, but not too large.
                if (!session.Streams.TryMoveWindows(initial - InitialWindow)) return new(ErrorCode.FlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE makes a window too large");
                InitialWindow = initial;
            }

            Frames.WriteSettingsReply();
        }

        Pump();
        return null;
    }

    public void WritePingReply(ReadOnlySpan<byte> payload)
    {
        lock (gate) Frames.WritePingReply(payload);
        FlushSoon();
    }

    /// <summary>Refuses or cuts a stream.</summary>
    public void WriteReset(int stream, ErrorCode code)
    {
        lock (gate) Frames.WriteReset(stream, code);
        FlushSoon();
    }

    public void WriteGoAway(int last, ErrorCode code)
    {
        lock (gate) Frames.WriteGoAway(last, code);
        FlushSoon();
    }

    /// <summary>Lets the client send more.</summary>
    /// <param name="stream">0: on the connection.</param>
    /// <param name="more">Octets, more than 0.</param>
    public void WriteWindow(int stream, int more)
    {
        lock (gate) Frames.WriteWindow(stream, more);
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
            var length = (int)Math.Min(Math.Min(octets.Length - written, Math.Min(Frames.FrameSize, MostBody - Frames.Length)), Math.Min(window, stream.SendWindow));
            if (length <= 0) break;
            lastFrame = Frames.WriteData(stream.Id, octets.Slice(written, length));
            window -= length;
            stream.SendWindow -= length;
            written += length;
        }

        return written;
    }

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

    /// <summary>Lets the streams that wait write what they can, each as much as is held for the client at once before the next has its turn.</summary>
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
            if (isSending || isCorked || isDeferred || Frames.Length == 0) return;
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
            if (Frames.Length <= MostHeld || isClosed) return Task.CompletedTask;
            room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Waits until all has left, or the client is given up. Nothing is sent after that: who ends the connection's sending is alone.</summary>
    public Task DrainAsync()
    {
        Flush();
        lock (gate)
        {
            isEnding = true;
            if (!isSending || isClosed)
            {
                isClosed = true;
                return Task.CompletedTask;
            }

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
            Frames.Release();
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
            for (var unbroken = 0L; ; unbroken += octets.Length)
            {
                // A client that takes all at once has the thread for so long.
                if (unbroken > PoolTurn.CopyLimit)
                {
                    unbroken = 0;
                    await PoolTurn.TakeAsync();
                }

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
                    Frames.ReleaseTaken();
                    done = PumpHeld();
                    isMore = TryTake(out octets);
                    if (!isMore)
                    {
                        isSending = false;
                        isClosed |= isEnding;
                    }

                    if (Frames.Length <= MostHeld && (!isMore || octets.Length <= MostHeld)) TellRoom(isMore);
                }

                StreamWriter.Release(done);
                if (!isMore) return;
            }
        }
        catch (Exception e)
        {
            // Whatever it is: a connection that sends no more must not look as if it did.
            if (!BrokenConnection.Is(e)) ConnectionLog.ConnectionFailed(session.Logger, e, session.Client.Peer);
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
            Frames.ReleaseTaken();
            Frames.Release();
            room?.TrySetResult();
        }

        session.Abort();
    }

    private bool TryTake(out ReadOnlyMemory<byte> octets)
    {
        octets = default;
        if (isClosed) Frames.Release();
        else octets = Frames.Take();
        return !octets.IsEmpty;
    }

    private StreamWriter? PumpHeld()
    {
        StreamWriter? done = null;
        for (var turns = blocked.Count; turns > 0 && window > 0 && Frames.Length < MostBody; turns--)
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
}
