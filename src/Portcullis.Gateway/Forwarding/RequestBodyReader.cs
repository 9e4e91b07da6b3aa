using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// The client's body as transports read it: notes that it was begun and what the client did wrong, and waits for the client
/// only so long. Its last octets are not given out before the trailer fields behind them are found in order. Reused from request to request.
/// </summary>
/// <remarks>
/// A client has <c>patience</c> to spend on being waited for, and earns time with each octet at the listener's minimum rate, but
/// never more than it began with. Octets sent early, or on other streams of its connection, buy no longer silence.
/// </remarks>
internal sealed class RequestBodyReader(UpstreamRequest request, TryTimer timer, TimeProvider clock) : PipeReader
{
    private PipeReader? body;
    private IHttpRequestTrailersFeature? trailers;
    private ReadOnlySequence<byte> shown;
    private long unconsumed;
    private TimeSpan patience;
    private TimeSpan credit;
    private long rate;
    private CancellationToken aborted;
    private volatile bool isAwaited;

    /// <summary>What the client did wrong, or that it is gone.</summary>
    public ForwardError Failure { get; private set; }

    /// <summary>The server's own words about it.</summary>
    public string? Cause { get; private set; }

    /// <summary>Whether it is the client that is waited for now.</summary>
    public bool IsAwaited => isAwaited;

    private PipeReader Body => body ?? throw new InvalidOperationException("The exchange is over.");

    /// <param name="source">The server's reader.</param>
    /// <param name="trailerFields">The trailer fields behind the body; null: none.</param>
    /// <param name="mostSilence">How long the client is waited for at most.</param>
    /// <param name="minimumRate">Octets that earn a second; 0: any octet earns the whole time.</param>
    /// <param name="clientGone">Fires when the client is gone.</param>
    public void Attach(PipeReader source, IHttpRequestTrailersFeature? trailerFields, TimeSpan mostSilence, long minimumRate, CancellationToken clientGone)
    {
        aborted = clientGone;
        body = source;
        trailers = trailerFields;
        patience = credit = mostSilence;
        rate = minimumRate;
    }

    /// <summary>Lets go of the body: a transport that still reads gets an exception, never another request's octets.</summary>
    public void Detach()
    {
        body = null;
        trailers = null;
        aborted = default;
        shown = default;
        unconsumed = 0;
        isAwaited = false;
        Failure = ForwardError.None;
        Cause = null;
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            if (!Body.TryRead(out result)) return false;
            Note(result);
            return true;
        }
        catch (Exception e) when (Note(e, CancellationToken.None))
        {
            throw;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var pending = Body.ReadAsync(CancellationToken.None);
            if (!pending.IsCompletedSuccessfully) return WaitAsync(pending, cancellationToken);
            var result = pending.Result;
            if (result.IsCanceled) return WaitAsync(new(result), cancellationToken);
            Note(result);
            return new(result);
        }
        catch (Exception e) when (Note(e, cancellationToken))
        {
            throw;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var reader = Body;
        var rest = shown.Slice(consumed).Length;
        if (rest < shown.Length) request.BodyStarted = true;
        unconsumed = rest;
        shown = default;
        reader.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body?.CancelPendingRead();

    /// <summary>Nothing: the server completes the body with the request.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>
    /// Waits for the client. The server's reader never sees the token: over HTTP/1.1 a read that a token ended counts as still going on,
    /// so the server could not read on to the next request and would close the connection unannounced. A cancelled read is ended properly.
    /// </summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        timer.AwaitClient(credit > TimeSpan.Zero ? credit : TimeSpan.Zero);
        isAwaited = true;
        try
        {
            using var registration = cancellationToken.UnsafeRegister(static reader => Cancel((PipeReader)reader!), Body);
            while (true)
            {
                var result = await pending;
                if (!result.IsCanceled)
                {
                    credit -= clock.GetElapsedTime(began);
                    Note(result);
                    return result;
                }

                // Left over from an earlier try, where its own token does not say so.
                Body.AdvanceTo(result.Buffer.Start);
                cancellationToken.ThrowIfCancellationRequested();
                pending = Body.ReadAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (Note(e, cancellationToken))
        {
            throw;
        }
        finally
        {
            isAwaited = false;
            if (timer.Resume())
            {
                Failure = ForwardError.RequestTimeout;
                Cause = $"the client was waited for longer than {patience} in all";
            }
        }
    }

    private static void Cancel(PipeReader reader)
    {
        try
        {
            reader.CancelPendingRead();
        }
        catch (Exception e) when (ClientFailure.Of(e) != ForwardError.None)
        {
            // The connection is gone already, and the read ends by that.
        }
    }

    private void Note(in ReadResult result)
    {
        shown = result.Buffer;
        var length = shown.Length;
        if (length > unconsumed) Earn(length - unconsumed);
        unconsumed = length;
        if (!result.IsCompleted || trailers is not { Available: true } || RequestHeaderRules.CheckTrailers(trailers.Trailers) is not { } defect) return;
        Body.AdvanceTo(result.Buffer.End);
        throw new BadHttpRequestException(defect.Cause, defect.Status);
    }

    private void Earn(long octets)
    {
        var earned = rate == 0 || octets >= patience.TotalSeconds * rate ? patience : credit + TimeSpan.FromSeconds((double)octets / rate);
        credit = earned < patience ? earned : patience;
    }

    /// <summary>Always false: it only looks.</summary>
    private bool Note(Exception e, CancellationToken cancellationToken)
    {
        Failure = e switch
        {
            OperationCanceledException when cancellationToken.IsCancellationRequested => ForwardError.None,

            _ => ClientFailure.Of(e),
        };
        Cause = Failure == ForwardError.None ? null : e.Message;
        return false;
    }
}
