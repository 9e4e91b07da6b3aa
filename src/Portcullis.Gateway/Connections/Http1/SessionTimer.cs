using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// How long a client is waited for, looked at by the sweep of <see cref="ClientSessions"/>. A wait for octets that takes too long is
/// cancelled, and the session finds here why; a client that does not take its response, or is gone, has its connection aborted.
/// </summary>
internal sealed class SessionTimer(Http1Session session, ConnectionClock clock)
{
    private const long None = 0;

    /// <summary>How long a client may stay below the least rate at first.</summary>
    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long a request goes on whose client has ended its sending (RFC 9112 §9.6): <c>nc</c> and scripts do, and still read.</summary>
    private static readonly TimeSpan HalfClosedGrace = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider time = clock.Source;
    private long receiveDeadline;
    private long sendDeadline;
    private long endedAt;
    private volatile Wait waiting;
    private volatile Wait late;
    private long bodyOctets;
    private TimeSpan bodyWaited;
    private long bodyWaitBegan;

    private enum Wait
    {
        None,
        Request,
        Head,
        Body,
        Drain,
        Suspended,
    }

    /// <summary>Whether no request came in time.</summary>
    public bool IsIdle => late == Wait.Request;

    /// <summary>Whether a head did not come in time.</summary>
    public bool IsHeadLate => late == Wait.Head;

    /// <summary>Whether a body came more slowly than the least rate.</summary>
    public bool IsBodyLate => late == Wait.Body;

    /// <summary>Whether the client did not get to its end in time.</summary>
    public bool IsDrainLate => late == Wait.Drain;

    /// <summary>Whether the next request is waited for.</summary>
    public bool AwaitsRequest => waiting == Wait.Request;

    public void AwaitRequest(TimeSpan timeout)
    {
        bodyOctets = 0;
        bodyWaited = TimeSpan.Zero;
        Begin(Wait.Request, timeout);
    }

    public void AwaitHead(TimeSpan timeout) => Begin(Wait.Head, timeout);

    public void AwaitDrain(TimeSpan timeout) => Begin(Wait.Drain, timeout);

    public void AwaitBody(long rate)
    {
        bodyWaitBegan = time.GetTimestamp();
        if (waiting == Wait.Drain || rate == 0) return;
        var left = RateGrace + TimeSpan.FromSeconds((double)bodyOctets / rate) - bodyWaited;
        Begin(Wait.Body, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void CountBody(int octets) => bodyOctets += octets;

    public void EndBodyWait()
    {
        bodyWaited += time.GetElapsedTime(bodyWaitBegan);
        if (waiting == Wait.Body) EndWait();
    }

    public void EndWait()
    {
        waiting = Wait.None;
        Volatile.Write(ref receiveDeadline, None);
    }

    /// <summary>The client is to take what is sent at the least rate; where there is none, within the time that it may stay below one.</summary>
    public void AwaitSending(int octets, long rate)
        => Volatile.Write(ref sendDeadline, clock.After(rate > 0 ? RateGrace + TimeSpan.FromSeconds((double)octets / rate) : RateGrace));

    public void EndSending() => Volatile.Write(ref sendDeadline, None);

    /// <summary>Nothing is waited for by this timer any more.</summary>
    public void Suspend()
    {
        EndWait();
        EndSending();
        waiting = Wait.Suspended;
    }

    /// <summary>The client has ended its sending, or is gone.</summary>
    public void NoteEnd() => Interlocked.CompareExchange(ref endedAt, clock.Now, None);

    /// <summary>Ends what has taken too long. Called by the sweep.</summary>
    public void Look(long now)
    {
        var due = Volatile.Read(ref receiveDeadline);
        if (due != None && due <= now && Interlocked.CompareExchange(ref receiveDeadline, None, due) == due)
        {
            late = waiting;
            session.Wire.Socket.CancelReceive();
        }

        if (Volatile.Read(ref sendDeadline) is not None and var take && take <= now) session.Abort();
        if (waiting == Wait.None && Volatile.Read(ref endedAt) is not None and var ended && now - ended >= HalfClosedGrace.TotalMilliseconds) session.Abort();
    }

    private void Begin(Wait kind, TimeSpan timeout)
    {
        late = Wait.None;
        waiting = kind;
        Volatile.Write(ref receiveDeadline, clock.After(timeout));
    }
}
