using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding.Http1;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Serves the streams of one client's HTTP/2 connection (RFC 9113). It reads the frames; each request then goes its own way, and what all of
/// them answer goes through <see cref="Output"/>.
/// </summary>
internal sealed class Http2Session : ClientSession
{
    // What is read of a client that is told to go, so that it sees the last it was sent.
    private const int MostDrained = 64 * 1024;

    // Requests served in one go.
    private const int MostUnbroken = 100;

    /// <summary>How long a client is waited for that is to see the last it was sent.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly FrameReader frames;
    private readonly ListenerLimits atStart;
    private readonly List<Http2Stream> starting = [];
    private ReceiveBuffer input;
    private int served;
    private int received;
    private volatile bool isStopping;
    private volatile bool isClosing;
    private int isAborted;
    private bool isGoAwaySent;

    public Http2Session(ClientSessions sessions, Wire wire, ClientConnection client, ConnectionFeatures features, FloodLog floodLog)
        : base(wire, client, features)
    {
        Sessions = sessions;
        FloodLog = floodLog;
        atStart = sessions.Limits;
        Floods = new FloodWatch(sessions.Clock.Source);
        Timer = new Http2Timer(this, sessions.Clock);
        Output = new Http2Output(this);
        Windows = new ReceiveWindows(this, atStart.Http2);
        Streams = new Http2Streams(this, atStart.Http2);
        frames = new FrameReader(this, atStart);
    }

    /// <summary>Guards what streams share: windows, output, and which of them live.</summary>
    public Lock Gate { get; } = new();

    public ClientSessions Sessions { get; }

    public Http2Streams Streams { get; }

    public Http2Output Output { get; }

    public ReceiveWindows Windows { get; }

    public Http2Timer Timer { get; }

    public FloodWatch Floods { get; }

    /// <summary>The listener's limits of now. What the client was told when it came stays as it was.</summary>
    public ListenerLimits Limits => Sessions.Limits;

    public ConnectionClock Clock => Sessions.Clock;

    public DateField Date => Sessions.Date;

    public ILogger Logger => Sessions.Logger;

    /// <summary>Whether the connection is at its end, and only what was said is still sent.</summary>
    public bool IsClosing => isClosing;

    private FloodLog FloodLog { get; }

    private bool IsAborted => Volatile.Read(ref isAborted) != 0;

    public override async Task RunAsync(ReadOnlyMemory<byte> early)
    {
        try
        {
            early.Span.CopyTo(input.Room(early.Length, early.Length + 1).Span);
            input.Commit(early.Length);
            Output.WriteSettings(atStart);

            // Who comes while the listener stops has not been told with the others.
            if (Sessions.IsStopping) isStopping = true;
            Timer.BeginIdle(Limits.KeepAliveTimeout);
            if (await ServeAsync()) await CloseAsync();
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            ConnectionLog.ConnectionFailed(Logger, e, Client.Peer);
        }
        finally
        {
            isClosing = true;
            Streams.BreakAll();
            Output.Close();
            input.Release(abandon: false);
            frames.Dispose();
            Dispose();

            // Else who connects anew for each few requests would have more in work than connections permit (CVE-2023-44487).
            await Streams.EndAsync();
            Sessions.Remove(this);
        }
    }

    public override void Dispose()
    {
        Volatile.Write(ref isAborted, 1);
        Wire.Dispose();
    }

    public override void Abort()
    {
        if (Interlocked.Exchange(ref isAborted, 1) == 0) Wire.Abort();
    }

    public override void BeginStop()
    {
        if (isStopping) return;
        isStopping = true;
        Wire.Socket.CancelReceive();
    }

    public override void Look(long now)
    {
        Timer.Look(now);
        Streams.Look(now);
    }

    public Http2Stream CreateStream() => Sessions.CreateStream(this);

    /// <summary>Has a stream served once all that is at hand has been read: its body's first octets then go with its head.</summary>
    public void Start(Http2Stream stream) => starting.Add(stream);

    /// <summary>The last stream has ended.</summary>
    public void NoteIdle()
    {
        if (isStopping) Wire.Socket.CancelReceive();
        else Timer.BeginIdle(Limits.KeepAliveTimeout);
    }

    /// <summary>Reads and does what the client says. False where there is nobody left to be told anything.</summary>
    private async Task<bool> ServeAsync()
    {
        while (true)
        {
            // 1. What is there. Nothing is sent before all of it has been seen.
            if (input.Length > 0)
            {
                Output.Cork();
                var defect = frames.Read(ref input);
                StartStreams();
                if (defect is not null) GoAway(defect.Code);
                Output.Uncork();
                if (defect is not null)
                {
                    ConnectionLog.ProtocolBroken(Logger, Client.Peer, defect.Cause);
                    return true;
                }

                if (Floods.FindFlood(Limits.Http2) is { } flood)
                {
                    FloodLog.Cut(Client, flood);
                    Abort();
                    return false;
                }
            }

            if (isStopping && StopsNow()) return true;

            // Who asks without a pause has the thread for so long, and then others have their turn.
            if (served > MostUnbroken || received > PoolTurn.CopyLimit)
            {
                served = received = 0;
                await PoolTurn.TakeAsync();
            }

            // 2. A client that does not take its answers is not listened to.
            if (Output.IsFull) await Output.WaitForRoomAsync();

            // 3. What comes next.
            try
            {
                if (input.Length == 0)
                {
                    // An idle connection holds no memory.
                    input.Release(abandon: false);
                    var waiting = Wire.WaitForInputAsync();
                    if (!waiting.IsCompleted) served = received = 0;
                    await waiting;
                }

                var length = await Wire.ReceiveAsync(input.Room(frames.MostHeld));
                if (length == 0) return !IsAborted;
                input.Commit(length);
                received += length;
            }
            catch (OperationCanceledException) when (!IsAborted)
            {
                // Else it was meant for something that is over.
                if (Timer.IsIdleLate && Streams.IsEmpty)
                {
                    GoAway(ErrorCode.NoError);
                    return true;
                }

                if (!Timer.IsHeadLate) continue;
                GoAway(ErrorCode.ProtocolError);
                return true;
            }
        }
    }

    /// <summary>Tells the client to open no more streams. True when the last has ended.</summary>
    private bool StopsNow()
    {
        if (Streams.IsEmpty)
        {
            GoAway(ErrorCode.NoError);
            return true;
        }

        // RFC 9113 §6.8: streams that it is opening at this moment are still served, and those that it opens when it must have heard are not.
        if (!isGoAwaySent)
        {
            isGoAwaySent = true;
            Output.WriteGoAway(int.MaxValue, ErrorCode.NoError);
            Timer.BeginStop();
        }
        else if (Timer.IsStopLate && !Streams.IsFinal)
        {
            Streams.IsFinal = true;
            GoAway(ErrorCode.NoError);
        }

        return false;
    }

    private void GoAway(ErrorCode code) => Output.WriteGoAway(Streams.Last, code);

    private void StartStreams()
    {
        // Those that follow are read, and may be reset, before the first is served.
        foreach (var stream in starting)
        {
            Streams.NoteServed();
            stream.Serve();
        }

        served += starting.Count;
        starting.Clear();
    }

    /// <summary>Ends the connection so that the client sees the last it was sent: a reset, which unread octets would cause, may overtake it.</summary>
    private async Task CloseAsync()
    {
        isClosing = true;
        Streams.BreakAll();
        Timer.AwaitSending(0);
        await Output.DrainAsync();
        if (IsAborted) return;
        Timer.AwaitSending(0);
        await Wire.EndSendingAsync();
        Timer.EndSending();
        Timer.BeginClose(CloseGrace);
        while (!Timer.IsCloseLate && !IsAborted)
        {
            try
            {
                input.Release(abandon: false);
                await Wire.WaitForInputAsync();
                if (await Wire.ReceiveAsync(input.Room(MostDrained)) == 0) return;
                await PoolTurn.TakeAsync();
            }
            catch (OperationCanceledException) when (!IsAborted)
            {
                // By the timer, or meant for something that is over.
            }
        }
    }
}
