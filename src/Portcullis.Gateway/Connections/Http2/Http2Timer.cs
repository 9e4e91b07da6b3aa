using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>How long a client of HTTP/2 is waited for, looked at by the sweep of <see cref="ClientSessions"/>. What a stream waits for is its own.</summary>
internal sealed class Http2Timer(Http2Session session, ConnectionClock clock)
{
    private const long None = 0;

    /// <summary>How long a client may stay below the least rate at first.</summary>
    public static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long what is kept for reuse is kept on an idle connection.</summary>
    private static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may open streams after it was told to go: longer than any path takes.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private long idle;
    private long trim;
    private long head;
    private long sending;
    private long closing;
    private long stopping;
    private volatile bool isIdleLate;
    private volatile bool isHeadLate;
    private volatile bool isCloseLate;
    private volatile bool isStopLate;

    /// <summary>Whether no stream was opened in time.</summary>
    public bool IsIdleLate => isIdleLate;

    /// <summary>Whether a field block did not come in time.</summary>
    public bool IsHeadLate => isHeadLate;

    /// <summary>Whether the client did not get to its end in time.</summary>
    public bool IsCloseLate => isCloseLate;

    /// <summary>Whether the client must have heard that it is to go.</summary>
    public bool IsStopLate => isStopLate;

    /// <summary>No stream is open.</summary>
    public void BeginIdle(TimeSpan timeout)
    {
        Volatile.Write(ref trim, clock.After(KeepTime));
        Volatile.Write(ref idle, clock.After(timeout));
    }

    public void EndIdle()
    {
        Volatile.Write(ref idle, None);
        isIdleLate = false;
    }

    /// <summary>A field block has begun.</summary>
    public void BeginHead(TimeSpan timeout)
    {
        if (Volatile.Read(ref head) == None) Volatile.Write(ref head, clock.After(timeout));
    }

    public void EndHead() => Volatile.Write(ref head, None);

    /// <summary>The client has been told to go.</summary>
    public void BeginStop() => Volatile.Write(ref stopping, clock.After(StopTime));

    public void BeginClose(TimeSpan timeout) => Volatile.Write(ref closing, clock.After(timeout));

    /// <summary>The client is to take what is sent at the least rate; where there is none, and at the end, within the time that it may stay below one.</summary>
    public void AwaitSending(int octets)
    {
        var rate = session.Limits.MinimumResponseRate;
        if (rate > 0) Volatile.Write(ref sending, clock.After(RateGrace + TimeSpan.FromSeconds((double)octets / rate)));
        else if (session.IsClosing) Volatile.Write(ref sending, clock.After(RateGrace));
    }

    public void EndSending() => Volatile.Write(ref sending, None);

    /// <summary>When a stream's client must have taken so much; 0: never.</summary>
    public long SendingDeadline(int octets)
    {
        var rate = session.Limits.MinimumResponseRate;
        return rate == 0 ? None : clock.After(RateGrace + TimeSpan.FromSeconds((double)octets / rate));
    }

    /// <summary>Ends what has taken too long. Called by the sweep.</summary>
    public void Look(long now)
    {
        if (IsDue(ref sending, now))
        {
            session.Abort();
            return;
        }

        if (IsDue(ref trim, now)) session.Streams.Trim();
        if (IsDue(ref idle, now)) isIdleLate = true;
        else if (IsDue(ref head, now)) isHeadLate = true;
        else if (IsDue(ref closing, now)) isCloseLate = true;
        else if (IsDue(ref stopping, now)) isStopLate = true;
        else return;
        session.Wire.Socket.CancelReceive();
    }

    private static bool IsDue(ref long deadline, long now)
    {
        var due = Volatile.Read(ref deadline);
        return due != None && due <= now && Interlocked.CompareExchange(ref deadline, None, due) == due;
    }
}
