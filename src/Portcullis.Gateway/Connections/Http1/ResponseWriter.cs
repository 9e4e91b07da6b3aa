using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Frames the body of one response after another and sends it: the head leaves with the first octets of the body in one write, and the end
/// of the framing with the last. Reused with its session; used by one at a time.
/// </summary>
internal sealed class ResponseWriter(Http1Session session) : ResponseContent
{
    // Before the first octets of a body, for the head. A longer head costs a copy.
    private const int HeadRoom = 2 * 1024;

    // Before and after all others, for the framing of a chunk and of the last: two times CRLF, eight digits, and 0 CRLF CRLF.
    private const int FrameRoom = 20;

    private RentedArray rented;
    private readonly Lock claiming = new();
    private int start;
    private int end;
    private bool isOver;
    private bool isClaimed;
    private Task goingAhead = Task.CompletedTask;

    /// <summary>Octets of body that left.</summary>
    public long Sent { get; private set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => end - start;

    private Http1Request Request => session.Request;

    /// <summary>Prepares for the next response.</summary>
    public void Begin()
    {
        HasStarted = isOver = isClaimed = false;
        goingAhead = Task.CompletedTask;
        Sent = 0;
        start = end = HeadRoom;
    }

    /// <summary>Tells a client that waits for it to send its body (RFC 9110 §10.1.1), unless the response has begun. By whoever reads the body.</summary>
    public ValueTask GoAheadAsync()
    {
        if (!Request.MayBeTold) return default;
        lock (claiming)
        {
            if (isClaimed || !Request.TakeExpectation()) return default;
            goingAhead = session.Output.SendBriefAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray()).AsTask();
            return new(goingAhead);
        }
    }

    /// <summary>Drops what is written, of a response of which nothing has left: another takes its place.</summary>
    public void Discard()
    {
        Sent = 0;
        start = end = HeadRoom;
    }

    /// <summary>Ends the response, whatever is missing; gives the memory back.</summary>
    public void Release()
    {
        isOver = true;
        rented.Return();
        start = end = HeadRoom;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return rented.Array.AsMemory(end, rented.Array!.Length - end - FrameRoom);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, rented.Array is { } array ? array.Length - end - FrameRoom : 0);
        end += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        return !HasStarted && Request.HasStartingCallbacks ? StartAndFlushAsync() : FlushAsync(isLast: false);
    }

    public override ValueTask<FlushResult> FinishAsync() => FlushAsync(isLast: true);

    /// <summary>Ends the connection: a part of the response has been given to the system, and the rest can't be taken back.</summary>
    public override void CancelPendingFlush() => session.Abort();

    public override void Complete(Exception? exception = null)
    {
        // The session completes the response.
    }

    private async ValueTask<FlushResult> StartAndFlushAsync()
    {
        await Request.FireStartingAsync();
        return await FlushAsync(isLast: false);
    }

    private ValueTask<FlushResult> FlushAsync(bool isLast)
    {
        if (isOver || session.IsAborted)
        {
            // Nobody is there to take it.
            end = start;
            return new(new FlushResult(isCanceled: false, isCompleted: true));
        }

        if (!HasStarted && Request.MayBeTold && Claim() is { IsCompleted: false } interim) return FlushAfterAsync(interim, isLast);
        ReadOnlyMemory<byte> framed;
        try
        {
            framed = Frame(isLast);
        }
        catch (InvalidOperationException) when (!HasStarted)
        {
            Discard();
            throw;
        }

        isOver = isLast;
        if (framed.IsEmpty) return default;
        try
        {
            var sending = session.Output.SendAsync(framed);
            if (!sending.IsCompletedSuccessfully) return AwaitAsync(sending);
            start = end = FrameRoom;
            return default;
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            return new(Break());
        }
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitAsync(ValueTask sending)
    {
        try
        {
            await sending;
            start = end = FrameRoom;
            return default;
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            return Break();
        }
    }

    private async ValueTask<FlushResult> FlushAfterAsync(Task interim, bool isLast)
    {
        try
        {
            await interim;
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            return Break();
        }

        return await FlushAsync(isLast);
    }

    /// <summary>From here on the client is told nothing but the response. Returns the end of what it is still being told.</summary>
    private Task Claim()
    {
        lock (claiming)
        {
            isClaimed = true;
            return goingAhead;
        }
    }

    private FlushResult Break()
    {
        session.Abort();
        return new FlushResult(isCanceled: false, isCompleted: true);
    }

    /// <summary>Puts the framing around what is written.</summary>
    private ReadOnlyMemory<byte> Frame(bool isLast)
    {
        var body = end - start;
        var framing = HasStarted ? Request.ResponseFraming : Request.StartResponse(isLast, body);
        if (framing == ResponseFraming.None)
        {
            end = start;
            body = 0;
        }

        Sent += body;
        if (framing == ResponseFraming.Length) HoldToLength(isLast);
        if (framing == ResponseFraming.Chunked) FrameChunk(body, isLast);
        if (HasStarted) return rented.Array.AsMemory(start, end - start);

        PutHeadBefore(Request.WriteHead());
        HasStarted = true;
        return rented.Array.AsMemory(start, end - start);
    }

    private void HoldToLength(bool isLast)
    {
        var stated = Request.StatedLength;
        if (Sent > stated) throw new InvalidOperationException($"The response body is longer than the {stated} octets that were stated.");
        if (isLast && Sent < stated) throw new InvalidOperationException($"The response body is shorter than the {stated} octets that were stated.");
    }

    private void FrameChunk(int body, bool isLast)
    {
        Reserve(0);
        var octets = rented.Array.AsSpan();
        if (body > 0)
        {
            Span<byte> size = stackalloc byte[10];
            body.TryFormat(size, out var digits, "x", CultureInfo.InvariantCulture);
            "\r\n"u8.CopyTo(size[digits..]);
            start -= digits + 2;
            size[..(digits + 2)].CopyTo(octets[start..]);
            "\r\n"u8.CopyTo(octets[end..]);
            end += 2;
        }

        if (!isLast) return;
        "0\r\n\r\n"u8.CopyTo(octets[end..]);
        end += 5;
    }

    private void PutHeadBefore(in ResponseHead head)
    {
        var octets = head.Written;
        var rest = end - start;
        if (octets.Length <= start)
        {
            Reserve(0);
            start -= octets.Length;
        }
        else
        {
            var larger = RentedArray.Rent(octets.Length + rest);
            if (rest > 0) rented.Array.AsSpan(start, rest).CopyTo(larger.Array.AsSpan(octets.Length));
            rented.Return();
            rented = larger;
            start = 0;
            end = octets.Length + rest;
        }

        octets.CopyTo(rented.Array.AsSpan(start));
    }

    private void Reserve(int room)
    {
        if (rented.Array is { } array && array.Length - end - FrameRoom >= room) return;
        var larger = RentedArray.Rent(Math.Max(BlockPool.Large.MaxBufferSize, end + room + FrameRoom));
        if (end > start) rented.Array.AsSpan(start, end - start).CopyTo(larger.Array.AsSpan(start));
        rented.Return();
        rented = larger;
    }
}
