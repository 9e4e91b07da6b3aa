using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>The body of one request after another, without its framing. Reused with its session; used by one at a time.</summary>
/// <remarks>After a body that went wrong nothing more is read from the connection.</remarks>
internal sealed class RequestBody(Http1Session session) : RequestContent
{
    // Most that is held of a body where whoever reads it looks and does not take.
    private const int MostHeld = 1024 * 1024;

    private readonly ChunkedDecoder chunks = new(keepsAllTrailers: true);
    private ReceiveBuffer decoded; // what the chunks held; bodies of known length lie in the session's buffer
    private ReadOnlySequence<byte> shown;
    private long left;
    private long taken;
    private int examined;
    private bool isEnd;
    private bool isShown;
    private volatile bool isCancelled;
    private Exception? failure;

    /// <summary>Whether all of it has been taken, trailers included, so that the next request is what comes next.</summary>
    public bool IsConsumed => failure is null && isEnd && (IsChunked ? decoded.Length == 0 : left == 0);

    /// <summary>Whether reading it went wrong.</summary>
    public bool HasFailed => failure is not null;

    public override bool Available => isEnd;

    public override IHeaderDictionary Trailers
    {
        get
        {
            if (!isEnd) throw new InvalidOperationException("The trailer fields come after the body.");
            return trailers;
        }
    }

    private readonly FieldTable trailers = new();

    private bool IsChunked { get; set; }

    /// <summary>Prepares for the body of the next request.</summary>
    /// <param name="length">Its length; null where it is chunked.</param>
    public void Begin(long? length, long? limit)
    {
        IsChunked = length is null;
        IsPresent = length is not 0;
        isEnd = length is 0;
        left = length ?? 0;
        Limit = limit;
        taken = examined = 0;
        isShown = isCancelled = HasBeenRead = false;
        failure = null;
        shown = default;
        if (IsChunked) chunks.Restart();
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        if (IsChunked)
        {
            chunks.Trailers.Trim();
            trailers.Trim();
        }

        shown = default;
        decoded.Release(abandon: false);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryRead(out var result) ? new(result) : ReceiveAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (isShown) throw new InvalidOperationException("Reading goes on before the last octets were advanced over.");
        HasBeenRead = true;
        if (failure is { } failed) throw failed;
        if (Limit is { } most && left > most) throw Fail("the body is larger than the limit", 413);
        if (IsChunked) Decode();
        if (!isCancelled && !isEnd && AtHand <= examined && (IsChunked || AtHand < left))
        {
            result = default;
            return false;
        }

        result = Show();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!isShown) return;
        var length = (int)shown.Slice(0, consumed).Length;
        this.examined = (int)shown.Slice(consumed, examined).Length;
        shown = default;
        isShown = false;
        if (IsChunked)
        {
            decoded.Consume(length);
        }
        else
        {
            session.Input.Consume(length);
            left -= length;
            isEnd = left == 0;
        }
    }

    /// <summary>Has the pending read, or else the next one, return as cancelled. From any thread.</summary>
    public override void CancelPendingRead()
    {
        isCancelled = true;
        session.Wire.Socket.CancelReceive();
    }

    public override void Complete(Exception? exception = null)
    {
        // The session ends the body with the request.
    }

    /// <summary>Reads what is left of the body and throws it away, as far as that is little and comes soon.</summary>
    public async ValueTask DrainAsync(int most)
    {
        var drained = 0L;
        Limit = null;
        while (!IsConsumed && drained <= most)
        {
            var read = await ReadAsync();
            drained += read.Buffer.Length;
            AdvanceTo(read.Buffer.End);

            // A cancellation that came too late for its read means nothing here.
        }
    }

    private int AtHand => IsChunked ? decoded.Length : (int)Math.Min(left, session.Input.Length);

    private ReadResult Show()
    {
        var octets = IsChunked ? decoded.Memory : session.Input.Memory;
        if (!IsChunked && octets.Length > left) octets = octets[..(int)left];
        shown = new ReadOnlySequence<byte>(octets);
        isShown = true;
        var cancelled = isCancelled;
        isCancelled = false;
        return new ReadResult(shown, cancelled, isCompleted: IsChunked ? isEnd : octets.Length == left);
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (AtHand >= MostHeld) throw new InvalidOperationException("Whoever reads the body looks at more than may be held.");
        while (true)
        {
            var length = 0;
            try
            {
                await session.Writer.GoAheadAsync();
                length = await session.ReceiveBodyAsync(MostHeld);
            }
            catch (OperationCanceledException)
            {
                if (session.Timer.IsBodyLate) throw Fail("the body comes more slowly than the least rate", 408);
                if (isCancelled) return Show();
                if (session.Timer.IsDrainLate) throw;
                if (session.IsAborted) throw failure = new ConnectionResetException("The connection was given up within the body.");
                continue; // by somebody who was not in time
            }
            catch (Exception e) when (BrokenConnection.Is(e))
            {
                throw failure = new ConnectionResetException("The client's connection broke within the body.", e);
            }

            if (length == 0)
            {
                session.Abort();
                throw failure = new ConnectionResetException("The client's connection ended within the body.");
            }

            if (TryRead(out var result)) return result;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Decode()
    {
        while (!isEnd && decoded.Length < MostHeld)
        {
            var step = chunks.Next(session.Input.Span, out var consumed, out var content);
            if (step == ParseStep.Data)
            {
                taken += content.Length;
                content.CopyTo(decoded.Room(content.Length, MostHeld * 2).Span);
                decoded.Commit(content.Length);
            }

            session.Input.Consume(consumed);
            if (Limit is { } limit && taken + chunks.ContentAhead > limit) throw Fail("the body is larger than the limit", 413);
            switch (step)
            {
                case ParseStep.Invalid:
                    throw Fail(chunks.Error!, 400);
                case ParseStep.NeedMore:
                    return;
                case ParseStep.End:
                    isEnd = true;
                    TakeTrailers();
                    break;
            }
        }
    }

    private void TakeTrailers()
    {
        foreach (ref readonly var field in chunks.Trailers.Fields)
        {
            // RFC 9110 §6.5.1; it would be taken for the length of the trailers' message.
            if (field.Name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase)) throw Fail("Content-Length is a trailer field", 400);
            trailers.AddFrom(chunks.Trailers, field);
        }

        chunks.Trailers.Clear();
    }

    private BadHttpRequestException Fail(string message, int status)
    {
        var bad = new BadHttpRequestException(message, status);
        failure = bad;
        return bad;
    }
}
