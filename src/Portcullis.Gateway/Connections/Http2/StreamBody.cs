using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The body of a stream's request. The connection's reader puts in what comes, whoever serves the request takes it out, and what is taken lets
/// the client send more. Reused with its stream.
/// </summary>
internal sealed class StreamBody(Http2Session session, Http2Stream stream) : RequestContent
{
    private static readonly PipeOptions Options = new(
        BlockPool.Large,
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0, // the windows bound it
        resumeWriterThreshold: 0,
        minimumSegmentSize: BlockPool.Large.MaxBufferSize,
        useSynchronizationContext: false);

    private FieldTable? trailers;
    private Pipe? pipe;
    private ReadOnlySequence<byte> shown;
    private BadHttpRequestException? broken;
    private long? stated;
    private long received;
    private long held; // octets that came and were not taken
    private long owed;
    private TimeSpan waited;
    private long waitBegan;
    private long deadline;
    private readonly Lock putting = new();
    private bool isReading;
    private volatile bool isOver; // nothing is put in any more
    private int completer; // the thread that ends the pipe
    private volatile bool isCompleted; // it has
    private volatile bool isEnd;

    public override bool Available => isEnd;

    public override IHeaderDictionary Trailers => trailers ??= new FieldTable();

    /// <summary>Octets that the client may still send; under the session's lock.</summary>
    public long Window { get; set; }

    /// <summary>Whether what is still to come is in order and perhaps little.</summary>
    public bool MayDrain => broken is null && !(stated - received > Http2Streams.MostDrained);

    /// <summary>Counts octets that were taken; under the session's lock. Returns all that the client has not been given room for.</summary>
    public long Owe(int octets) => owed += octets;

    /// <summary>Gives room for all of them; under the session's lock.</summary>
    public int Repay()
    {
        var octets = (int)owed;
        Window += octets;
        owed = 0;
        return octets;
    }

    /// <summary>Prepares for the body of the next request.</summary>
    public void Begin(bool isWhole, long? statedLength, long limit)
    {
        IsPresent = !isWhole;
        isEnd = isWhole;
        stated = statedLength;
        Limit = limit;
        HasBeenRead = isReading = false;
        isOver = isWhole;
        isCompleted = false;
        broken = null;
        received = held = owed = deadline = 0;
        Window = session.Windows.OfStream;
        waited = TimeSpan.Zero;
        if (IsPresent) pipe ??= new Pipe(Options);
    }

    /// <summary>Takes octets that came. By the connection's reader.</summary>
    /// <param name="octets">Octets of content.</param>
    /// <returns>False where nobody takes them any more: room for them is to be given back now, otherwise by whoever takes them or ends the body.</returns>
    public bool Put(ReadOnlySpan<byte> octets)
    {
        bool isTaken;
        bool isTooLong;
        lock (putting)
        {
            isTooLong = received <= stated && received + octets.Length > stated;
            received += octets.Length;
            isTaken = !isOver && !isTooLong && !(received > Limit);
            if (isTaken)
            {
                Interlocked.Add(ref held, octets.Length);
                var into = pipe!.Writer;
                octets.CopyTo(into.GetSpan(octets.Length));
                into.Advance(octets.Length);
            }
        }

        if (isTooLong) Refuse("the content is longer than its stated length (RFC 9113 §8.1.1)", StatusCodes.Status400BadRequest);
        else if (!isOver && received > Limit) Fail("the body is larger than the limit", StatusCodes.Status413PayloadTooLarge);
        else if (isTaken) ToldOf(pipe!.Writer.FlushAsync());
        return isTaken;
    }

    /// <summary>All has come. By the connection's reader.</summary>
    public void End()
    {
        if (stated is { } length && received < length)
        {
            Refuse("the content ended before its stated length (RFC 9113 §8.1.1)", StatusCodes.Status400BadRequest);
            return;
        }

        if (isOver) return;
        isEnd = true;
        Complete((IOException?)null);
    }

    /// <summary>The message is malformed. By the connection's reader.</summary>
    public void Refuse(string cause, int status)
    {
        // First of all: who reads goes on within the other, and may end the stream.
        session.Streams.Complain(stream);
        Fail(cause, status);
    }

    /// <summary>The trailer fields have come, right before the end. By the connection's reader.</summary>
    public void TakeTrailers(FieldTable fields)
    {
        lock (putting)
        {
            if (!isOver) trailers = fields;
        }
    }

    /// <summary>The client broke its body; whoever reads it gets to know.</summary>
    private void Fail(string cause, int status)
    {
        var bad = new BadHttpRequestException(cause, status);
        broken ??= bad;
        Complete(bad);
    }

    /// <summary>The client did not send in time what is waited for.</summary>
    public void FailLate() => Fail("the body comes more slowly than the least rate", StatusCodes.Status408RequestTimeout);

    /// <summary>The stream is gone.</summary>
    public void Break() => Complete(new ConnectionResetException("The stream was reset."));

    /// <summary>Whether the client has not sent in time what is waited for.</summary>
    public bool IsLate(long now) => Volatile.Read(ref deadline) is not 0 and var due && due <= now;

    /// <summary>Gives back what it holds. Returns octets that nobody took. False: somebody is still at it, and it must not be used again.</summary>
    public bool TryRelease(out int left)
    {
        // First of all: what came until here is held, and nothing comes any more.
        Complete((IOException?)null);
        left = (int)Interlocked.Exchange(ref held, 0);
        trailers = null;
        shown = default;
        if (pipe is not { } used || !IsPresent) return true;
        if (Volatile.Read(ref isReading)) return false;
        used.Reader.Complete();

        // Whoever ends it may still be at that on another thread. On this one the request has ended within the end of its body.
        if (!isCompleted && completer != Environment.CurrentManagedThreadId) return false;
        used.Reset();
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryRead(out var result) ? new(result) : WaitAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        HasBeenRead = true;
        if (!IsPresent)
        {
            result = new ReadResult(default, isCanceled: false, isCompleted: true);
            return true;
        }

        if (broken is { } known) throw known;
        if (stated > Limit || received > Limit) throw broken = new BadHttpRequestException("the body is larger than the limit", StatusCodes.Status413PayloadTooLarge);
        if (!pipe!.Reader.TryRead(out result)) return false;
        shown = result.Buffer;
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!IsPresent) return;
        var taken = (int)shown.Slice(0, consumed).Length;
        shown = default;
        pipe!.Reader.AdvanceTo(consumed, examined);
        if (taken == 0) return;
        Interlocked.Add(ref held, -taken);
        session.Windows.Return(stream, taken);
    }

    public override void CancelPendingRead() => pipe?.Reader.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        // The stream ends the body with the request.
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        GoAhead();
        BeginWait();
        Volatile.Write(ref isReading, true);
        try
        {
            var result = await pipe!.Reader.ReadAsync(cancellationToken);
            shown = result.Buffer;
            return result;
        }
        finally
        {
            Volatile.Write(ref isReading, false);
            EndWait();
        }
    }

    private void GoAhead()
    {
        if (!stream.MayBeTold || !stream.ExpectsContinue) return;
        lock (session.Gate)
        {
            if (stream.IsReset || stream.HasStarted || !stream.TakeExpectation()) return;
            session.Output.Frames.WriteGoAhead(stream.Id);
        }

        session.Output.FlushSoon();
    }

    private void BeginWait()
    {
        var rate = session.Limits.MinimumBodyRate;
        waitBegan = session.Clock.Source.GetTimestamp();
        if (rate == 0 || stream.IsUpgraded) return;
        var left = Http2Timer.RateGrace + TimeSpan.FromSeconds((double)received / rate) - waited;
        Volatile.Write(ref deadline, session.Clock.After(left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    private void EndWait()
    {
        Volatile.Write(ref deadline, 0);
        waited += session.Clock.Source.GetElapsedTime(waitBegan);
    }

    // A pipe without a threshold flushes at once.
    private static void ToldOf(ValueTask<FlushResult> flushed) => Debug.Assert(flushed.IsCompleted, "the windows alone bound what is held");

    private void Complete(IOException? exception)
    {
        lock (putting)
        {
            if (isOver) return;
            isOver = true;
            completer = Environment.CurrentManagedThreadId;
        }

        // What waits goes on here.
        if (IsPresent) pipe?.Writer.Complete(exception);
        isCompleted = true;
    }
}
