using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The response of a stream: head, body, trailer fields. What is flushed goes to the connection's output as far as the client's windows permit,
/// and a flush ends when all of it has gone there. Reused with its stream; used by one at a time.
/// </summary>
internal sealed class StreamWriter(Http2Session session, Http2Stream stream) : ResponseContent, IValueTaskSource<FlushResult>
{
    private const int None = -1;

    private static readonly FlushResult Over = new(isCanceled: false, isCompleted: true);

    private ManualResetValueTaskSourceCore<FlushResult> flushed;
    private RentedArray rented;
    private int start;
    private int end;
    private long sent;
    private long deadline;
    private int lastFrame = None; // of the stream, in the output's round
    private long lastRound = None;
    private bool hasBody;
    private bool isOver;
    private bool isLast;
    private bool isWaiting;

    /// <summary>The next in a list of those whose flush has ended.</summary>
    public StreamWriter? Next { get; set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => end - start;

    /// <summary>Ends the flush of each writer of a list. Not under the lock: what waited goes on here.</summary>
    public static void Release(StreamWriter? list)
    {
        while (list is { } writer)
        {
            list = writer.Next;
            writer.Next = null;
            writer.EndFlush();
        }
    }

    private void EndFlush() => flushed.SetResult(stream.IsReset && !isLast ? Over : default);

    /// <summary>Prepares for the next response.</summary>
    public void Begin()
    {
        HasStarted = isOver = isLast = isWaiting = false;
        sent = 0;
        start = end = 0;
        deadline = 0;
        lastFrame = None;
        lastRound = None;
    }

    /// <summary>Drops what is written, of a response of which nothing has left: another takes its place.</summary>
    public void Discard()
    {
        start = end = 0;
        sent = 0;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        isOver = true;
        rented.Return();
        start = end = 0;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return rented.Array.AsMemory(end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, rented.Array is { } array ? array.Length - end : 0);
        end += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        return !HasStarted && stream.HasStartingCallbacks ? StartAndFlushAsync() : FlushAsync(ends: false);
    }

    public override ValueTask<FlushResult> FinishAsync() => FlushAsync(ends: true);

    /// <summary>Ends the stream: a part of the response has left, and the rest can't be taken back.</summary>
    public override void CancelPendingFlush() => stream.Abort();

    public override void Complete(Exception? exception = null)
    {
        // The stream completes the response.
    }

    /// <summary>Goes on with what could not leave at once; under the lock. True when the flush has ended.</summary>
    public bool GoOn()
    {
        // RFC 9113 §5.4.2: nothing follows a reset. Whoever tells of it ends the flush.
        if (stream.IsReset || !Write()) return false;
        isWaiting = false;
        deadline = 0;
        return true;
    }

    /// <summary>The stream is closed: nothing that waits goes on. Under the lock; true where the flush is then to be ended.</summary>
    public bool Break()
    {
        var wasWaiting = isWaiting;
        isWaiting = false;
        deadline = 0;
        return wasWaiting;
    }

    /// <summary>Whether the client has not taken in time what it was to be sent.</summary>
    public bool IsLate(long now) => deadline != 0 && deadline <= now;

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        var result = flushed.GetResult(token);
        flushed.Reset();
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => flushed.GetStatus(token);

    // What waits goes on where the flush ends, whatever context it came from.
    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => flushed.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

    private async ValueTask<FlushResult> StartAndFlushAsync()
    {
        await stream.FireStartingAsync();
        return await FlushAsync(ends: false);
    }

    private ValueTask<FlushResult> FlushAsync(bool ends)
    {
        if (isOver || stream.IsReset) return new(DropAll());
        Prepare(ends);
        var flushing = default(ValueTask<FlushResult>);
        lock (session.Gate)
        {
            if (stream.IsReset) return new(DropAll());
            isLast = ends;
            if (!HasStarted) WriteHead();
            if (!Write())
            {
                isWaiting = true;

                // What lies before it comes first, at the least rate.
                deadline = session.Timer.SendingDeadline(end - start + session.Output.Frames.Held);
                session.Output.Block(this);
                flushing = new(this, flushed.Version);
            }
        }

        // Also what waits for the rest of its window: the client gives no more before it has seen the first of it.
        session.Output.FlushSoon();
        return flushing;
    }

    /// <summary>Nobody is there to take it.</summary>
    private FlushResult DropAll()
    {
        start = end = 0;
        return Over;
    }

    /// <summary>Checks what is to leave before any of it does.</summary>
    private void Prepare(bool ends)
    {
        var written = end - start;
        if (!HasStarted)
        {
            try
            {
                stream.StartResponse(ends, written);
                hasBody = stream.HasResponseBody;
                HoldToLength(written, ends);
                ResponseFieldRules.Check(stream.ResponseFields);
            }
            catch (InvalidOperationException)
            {
                Discard();
                throw;
            }
        }
        else
        {
            HoldToLength(written, ends);
        }

        if (ends && stream.HasTrailers) ResponseFieldRules.Check(stream.ResponseTrailers);
        isOver = ends;
        sent += written;
        if (hasBody) return;
        start = end = 0;
    }

    private void HoldToLength(int written, bool ends)
    {
        if (!hasBody || stream.ResponseFields.ContentLength is null) return;
        var stated = stream.StatedLength;
        if (sent + written > stated) throw new InvalidOperationException($"The response body is longer than the {stated} octets that were stated.");
        if (ends && sent + written < stated) throw new InvalidOperationException($"The response body is shorter than the {stated} octets that were stated.");
    }

    private void WriteHead()
    {
        HasStarted = true;
        if (stream.TakeExpectation()) stream.IsUntold = true;
        lastFrame = session.Output.Frames.WriteHead(stream.Id, stream.StatusCode, stream.ResponseFields);
        lastRound = session.Output.Frames.Round;
    }

    /// <summary>Writes what the windows permit; true when all is written.</summary>
    private bool Write()
    {
        var output = session.Output;
        var left = end - start;
        if (left > 0)
        {
            var written = output.WriteBody(stream, rented.Array.AsSpan(start, left), ref lastFrame);
            if (written > 0) lastRound = output.Frames.Round;
            start += written;
            if (written < left) return false;
            start = end = 0;
        }

        if (!isLast) return true;
        if (stream.HasTrailers) output.Frames.WriteTrailers(stream.Id, stream.ResponseTrailers);
        else if (lastRound == output.Frames.Round) output.Frames.MarkEnd(lastFrame);
        else output.Frames.WriteEnd(stream.Id);
        session.Streams.EndLocal(stream);
        return true;
    }

    private void Reserve(int room)
    {
        if (rented.Array is { } array && array.Length - end >= room) return;
        var larger = RentedArray.Rent(Math.Max(BlockPool.Large.MaxBufferSize, end - start + room));
        if (end > start) rented.Array.AsSpan(start, end - start).CopyTo(larger.Array.AsSpan());
        end -= start;
        start = 0;
        rented.Return();
        rented = larger;
    }
}
