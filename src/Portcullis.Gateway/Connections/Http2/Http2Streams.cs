using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>The streams of a connection (RFC 9113 §5.1): those that live, those kept for reuse, and the ids of those that ended lately. Thread safe.</summary>
/// <remarks>
/// A stream lives until its request has been processed to the end, also where it was reset before: a client that resets what it asked for has
/// no more requests in work than one that waits (CVE-2023-44487).
/// </remarks>
internal sealed class Http2Streams
{
    private const int MostKept = 128;

    private readonly Http2Session session;
    private readonly Lock gate;
    private readonly int most;
    private readonly Dictionary<int, Http2Stream> live = [];
    private readonly Stack<Http2Stream> kept = [];
    private readonly EndedStreams ended = new();
    private int open;
    private bool isClosed;

    public Http2Streams(Http2Session session, Http2Limits limits)
    {
        this.session = session;
        gate = session.Gate;
        most = limits.MaxStreams;
    }

    /// <summary>The last that was opened.</summary>
    public int Last { get; private set; }

    /// <summary>Whether none lives.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (gate) return live.Count == 0;
        }
    }

    /// <summary>Finds one that lives.</summary>
    public Http2Stream? Find(int id)
    {
        lock (gate) return live.GetValueOrDefault(id);
    }

    /// <summary>Finds the stream that a frame is for, null where it is to be ignored.</summary>
    public ConnectionDefect? FindFor(int id, out Http2Stream? stream)
    {
        stream = Find(id);
        if (stream is { IsReset: false, IsLocalEnded: false }) return null;
        if (stream is { IsReset: false, IsRemoteEnded: true }) return new(ErrorCode.StreamClosed, "a frame for a stream that has ended (RFC 9113 §5.1)");
        var wasCut = stream is { IsCut: true } || (stream is null && WasCut(id));
        stream = null;
        if (wasCut) return null;
        return id > Last || (id & 1) == 0
            ? new(ErrorCode.ProtocolError, "a frame for a stream that was never opened (RFC 9113 §5.1)")
            : new(ErrorCode.StreamClosed, "a frame for a stream that has ended (RFC 9113 §5.1)");
    }

    /// <summary>Whether the client may not have known yet that a stream was over, because it ended by our doing.</summary>
    public bool WasCut(int id)
    {
        lock (gate) return ended.WasCut(id);
    }

    /// <summary>Whether a stream was there and is over.</summary>
    public bool HasEnded(int id)
    {
        lock (gate) return ended.Has(id);
    }

    /// <summary>Opens a stream; null where there are too many: it is refused.</summary>
    public Http2Stream? Open(int id)
    {
        Http2Stream? stream;
        lock (gate)
        {
            Last = id;
            if (open >= most || live.Count >= most * 2 || isClosed)
            {
                ended.Add(id, wasCut: true);
                return null;
            }

            if (!kept.TryPop(out stream)) stream = session.CreateStream();
            stream.Open(id, session.Output.InitialWindow);
            live.Add(id, stream);
            open++;
        }

        session.Timer.EndIdle();
        return stream;
    }

    /// <summary>The client has ended its half.</summary>
    public void EndRemote(Http2Stream stream)
    {
        stream.EndRemote();
        stream.Body.End();
    }

    /// <summary>The request is malformed: it is answered as such, and its stream then ends with an error (RFC 9113 §8.1.1).</summary>
    public void Complain(Http2Stream stream)
    {
        session.Floods.CountReset();
        stream.Complaint = ErrorCode.ProtocolError;
    }

    /// <summary>The client has made an error on a stream, which ends it (RFC 9113 §5.4.2).</summary>
    public void Cut(Http2Stream stream, ErrorCode code)
    {
        session.Floods.CountReset();
        Reset(stream, code);
    }

    /// <summary>As the other, for a stream that may not live. One that was never opened can't be reset (RFC 9113 §6.4): the error is the connection's.</summary>
    public ConnectionDefect? Cut(int id, ErrorCode code)
    {
        if (id > Last || (id & 1) == 0) return new(code, "an error on a stream that was never opened (RFC 9113 §5.4.1)");
        if (Find(id) is { } stream)
        {
            Cut(stream, code);
        }
        else
        {
            session.Floods.CountReset();
            session.Output.WriteReset(id, code);
        }

        return null;
    }

    /// <summary>Our half has ended; under the lock. A request that is not whole is not waited for (RFC 9113 §8.1).</summary>
    public void EndLocal(Http2Stream stream)
    {
        stream.IsLocalEnded = true;
        if (stream.IsRemoteEnded && stream.Complaint == ErrorCode.NoError)
        {
            open--;
            return;
        }

        stream.IsCut = true;
        session.Output.Frames.WriteReset(stream.Id, stream.Complaint);
        open--;
    }

    /// <summary>Moves what each stream may be sent, when the client changes what it begins with; under the lock. False: beyond what a window can be.</summary>
    public bool TryMoveWindows(int by)
    {
        foreach (var stream in live.Values)
        {
            stream.SendWindow += by;
            if (stream.SendWindow > int.MaxValue) return false;
        }

        return true;
    }

    /// <summary>The client takes more on a stream; false: beyond what a window can be.</summary>
    public bool TryOpenWindow(Http2Stream stream, int more)
    {
        lock (gate)
        {
            if (stream.SendWindow + more > int.MaxValue) return false;
            stream.SendWindow += more;
            return true;
        }
    }

    /// <summary>Breaks a stream off and tells the client. From any thread.</summary>
    public void Reset(Http2Stream stream, ErrorCode code)
    {
        lock (gate)
        {
            if (!MarkReset(stream)) return;
            stream.IsCut = true;
            session.Output.Frames.WriteReset(stream.Id, code);
        }

        session.Output.FlushSoon();
        stream.TellReset();
    }

    /// <summary>The client has broken a stream off.</summary>
    public void TakeReset(Http2Stream stream)
    {
        lock (gate)
        {
            if (!MarkReset(stream)) return;
        }

        stream.TellReset();
    }

    /// <summary>The connection is over: breaks all off, and lets none open any more.</summary>
    public void BreakAll()
    {
        List<Http2Stream> broken = [];
        lock (gate)
        {
            isClosed = true;
            foreach (var stream in live.Values)
            {
                if (MarkReset(stream)) broken.Add(stream);
            }

            foreach (var stream in kept) stream.Dispose();
            kept.Clear();
        }

        foreach (var stream in broken) stream.TellReset();
    }

    /// <summary>The request of a stream has been processed to the end.</summary>
    public void Return(Http2Stream stream)
    {
        var isReusable = stream.Body.TryRelease(out var left);
        var isIdle = false;
        lock (gate)
        {
            live.Remove(stream.Id);
            ended.Add(stream.Id, stream.IsCut);
            stream.IsLive = false;
            if (isReusable && !stream.IsReset && !stream.IsSpent && kept.Count < MostKept && !isClosed) kept.Push(stream);
            else if (!stream.IsReset) stream.Dispose();
            isIdle = live.Count == 0;
        }

        if (left > 0) session.Windows.Return(null, left);
        if (isIdle) session.NoteIdle();
    }

    /// <summary>Ends what has taken too long. Called by the sweep.</summary>
    public void Look(long now)
    {
        List<Http2Stream>? reset = null;
        lock (gate)
        {
            foreach (var stream in live.Values)
            {
                if (stream.Sender.IsLate(now) && MarkReset(stream))
                {
                    stream.IsCut = true;
                    session.Output.Frames.WriteReset(stream.Id, ErrorCode.Cancel);
                    (reset ??= []).Add(stream);
                }
                else if (stream.Body.IsLate(now) && !stream.IsSpent)
                {
                    stream.IsSpent = true;
                    stream.FailBodyLater();
                }
            }
        }

        if (reset is null) return;
        foreach (var stream in reset) stream.TellReset();
        session.Output.FlushSoon();
    }

    /// <summary>Lets go of what is kept for reuse: the connection is idle.</summary>
    public void Trim()
    {
        lock (gate)
        {
            foreach (var stream in kept) stream.Dispose();
            kept.Clear();
        }
    }

    private bool MarkReset(Http2Stream stream)
    {
        // One that was returned may be another request's by the time that somebody is told.
        if (!stream.IsLive || stream.IsReset) return false;
        stream.IsReset = true;
        if (!stream.IsLocalEnded) open--;
        return true;
    }
}
