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

    /// <summary>Octets of a body that are thrown away behind the answer before the stream is cut.</summary>
    public const int MostDrained = 256 * 1024;

    /// <summary>How long a client may go on sending a body behind the answer.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly Http2Session session;
    private readonly Lock gate;
    private readonly int most;
    private readonly Dictionary<int, Http2Stream> live = [];
    private readonly Stack<Http2Stream> kept = [];
    private readonly EndedStreams ended = new();
    private int open;
    private int served; // and not returned
    private TaskCompletionSource? over;
    private bool isClosed;

    public Http2Streams(Http2Session session, Http2Limits limits)
    {
        this.session = session;
        gate = session.Gate;
        most = limits.MaxStreams;
    }

    /// <summary>The last that was opened.</summary>
    public int Last { get; private set; }

    /// <summary>Whether no further one is served. The reader's.</summary>
    public bool IsFinal { get; set; }

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

    /// <summary>Finds the stream that a frame is for, null where it is to be ignored: the client may not have known that it was over.</summary>
    public ConnectionDefect? FindFor(int id, out Http2Stream? stream)
    {
        lock (gate)
        {
            stream = live.GetValueOrDefault(id);
            if (stream is { IsReset: false, IsClosed: false }) return null;
            var wasCut = stream?.IsCut ?? ended.WasCut(id);
            stream = null;
            if (wasCut) return null;
        }

        return id > Last || (id & 1) == 0
            ? new(ErrorCode.ProtocolError, "a frame for a stream that was never opened (RFC 9113 §5.1)")
            : new(ErrorCode.StreamClosed, "a frame for a stream that has ended (RFC 9113 §5.1)");
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
            if (open >= most || live.Count >= most * 2 || IsFinal)
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

    /// <summary>A stream is about to be served, and will be returned.</summary>
    public void NoteServed()
    {
        lock (gate) served++;
    }

    /// <summary>Waits, after <see cref="BreakAll"/>, until no request is in work any more: till then the connection counts.</summary>
    public Task EndAsync()
    {
        lock (gate)
        {
            if (served == 0) return Task.CompletedTask;
            over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return over.Task;
        }
    }

    /// <summary>The client has ended its half.</summary>
    public void EndRemote(Http2Stream stream)
    {
        stream.Body.End();
        lock (gate)
        {
            stream.IsRemoteEnded = true;
            if (!stream.IsLocalEnded || !stream.IsLive) return;
            Close(stream);
            if (stream.IsProcessed) Remove(stream);
        }

        NoteIfIdle();
    }

    /// <summary>
    /// The request is malformed: it is answered as such, and its stream then ends with an error (RFC 9113 §8.1.1), or at once where it has been
    /// answered.
    /// </summary>
    public void Complain(Http2Stream stream)
    {
        bool isAnswered;
        lock (gate)
        {
            isAnswered = stream.IsLocalEnded;
            stream.Complaint = ErrorCode.ProtocolError;
        }

        if (isAnswered) Cut(stream, ErrorCode.ProtocolError);
        else session.Floods.CountReset();
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

    /// <summary>Our half has ended; under the lock. What is still to come of the request is told to be unwanted (RFC 9113 §8.1) unless it is little.</summary>
    public void EndLocal(Http2Stream stream)
    {
        stream.IsLocalEnded = true;
        if (stream.Complaint != ErrorCode.NoError || (!stream.IsRemoteEnded && !stream.MayDrain))
        {
            stream.IsCut = true;
            session.Output.Frames.WriteReset(stream.Id, stream.Complaint);
            Close(stream);
        }
        else if (stream.IsRemoteEnded)
        {
            Close(stream);
        }
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
        bool isTold;
        lock (gate)
        {
            if (!stream.IsLive || stream.IsReset) return;
            isTold = Break(stream, code);
        }

        session.Output.FlushSoon();
        if (isTold) stream.TellReset();
        else NoteIfIdle();
    }

    /// <summary>The client has broken a stream off, and will send nothing more on it.</summary>
    public void TakeReset(int id)
    {
        var isTold = false;
        Http2Stream? stream;
        lock (gate)
        {
            if (!live.TryGetValue(id, out stream))
            {
                ended.NoteReset(id);
                return;
            }

            stream.IsCut = false;
            if (!stream.IsReset) isTold = Break(stream, null);
        }

        if (isTold) stream.TellReset();
        else NoteIfIdle();
    }

    /// <summary>The connection is over: breaks all off, and lets none open any more.</summary>
    public void BreakAll()
    {
        List<Http2Stream> told = [];
        lock (gate)
        {
            isClosed = true;
            foreach (var stream in live.Values.ToArray())
            {
                if (!stream.IsReset && Break(stream, null)) told.Add(stream);
            }

            Trim();
        }

        foreach (var stream in told) stream.TellReset();
    }

    /// <summary>Gives up a stream that was just opened: the connection ends, and nobody serves it.</summary>
    public void Abandon(Http2Stream stream)
    {
        lock (gate)
        {
            stream.IsSpent = true;
            Close(stream);
            Remove(stream);
        }
    }

    /// <summary>The request of a stream has been processed to the end. What its client still sends is thrown away, as far as it is little and comes soon.</summary>
    public void Return(Http2Stream stream)
    {
        var isReusable = stream.Body.TryRelease(out var left);
        lock (gate)
        {
            if (!isReusable) stream.IsSpent = true;
            stream.IsProcessed = true;
            stream.DrainUntil = session.Clock.After(DrainTime);
            if (stream.IsReset || stream.IsClosed) Remove(stream);
            if (--served == 0) over?.TrySetResult();
        }

        if (left > 0) session.Windows.Return(null, left);
        NoteIfIdle();
    }

    /// <summary>Counts what is thrown away of a body; one that goes on and on is cut (RFC 9113 §8.1).</summary>
    public void CountDropped(Http2Stream stream, int octets)
    {
        stream.Dropped += octets;
        if (stream.Dropped > MostDrained && stream.IsLocalEnded) Reset(stream, ErrorCode.NoError);
    }

    /// <summary>Ends what has taken too long. Called by the sweep.</summary>
    public void Look(long now)
    {
        var hasBroken = false;
        lock (gate)
        {
            foreach (var stream in live.Values)
            {
                var isLate = stream.IsProcessed ? stream.DrainUntil <= now : stream.Sender.IsLate(now);
                if (isLate && !stream.IsReset)
                {
                    // A dictionary may be enumerated while something is removed from it.
                    if (Break(stream, stream.IsProcessed ? ErrorCode.NoError : ErrorCode.Cancel)) stream.TellReset();
                    hasBroken = true;
                }
                else if (stream.Body.IsLate(now) && !stream.IsSpent)
                {
                    stream.IsSpent = true;
                    stream.FailBodyLater();
                }
            }
        }

        // Elsewhere: what goes on there is not the sweep's to wait for.
        if (hasBroken) ThreadPool.UnsafeQueueUserWorkItem(static streams => streams.TellOfLook(), this, preferLocal: false);
    }

    /// <summary>Lets go of what is kept for reuse: the connection is idle.</summary>
    public void Trim()
    {
        lock (gate)
        {
            kept.Clear();
        }
    }

    /// <summary>Breaks a live stream off; under the lock. True where whoever works for it is to be told.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="code">What the client is told; null: nothing.</param>
    private bool Break(Http2Stream stream, ErrorCode? code)
    {
        stream.IsReset = true;
        if (code is { } told)
        {
            stream.IsCut = true;
            session.Output.Frames.WriteReset(stream.Id, told);
        }

        Close(stream);
        if (stream.IsProcessed)
        {
            Remove(stream);
            return false;
        }

        // Whoever is on the way to tell it must find no other request.
        stream.IsSpent = true;
        return true;
    }

    /// <summary>Both halves have ended; under the lock.</summary>
    private void Close(Http2Stream stream)
    {
        if (stream.IsClosed) return;
        stream.IsClosed = true;
        open--;
    }

    /// <summary>Nothing is done for a stream any more; under the lock.</summary>
    private void Remove(Http2Stream stream)
    {
        live.Remove(stream.Id);
        ended.Add(stream.Id, stream.IsCut);
        stream.IsLive = false;
        if (!stream.IsSpent && kept.Count < MostKept && !isClosed) kept.Push(stream);
    }

    private void TellOfLook()
    {
        session.Output.FlushSoon();
        NoteIfIdle();
    }

    private void NoteIfIdle()
    {
        if (IsEmpty) session.NoteIdle();
    }
}
