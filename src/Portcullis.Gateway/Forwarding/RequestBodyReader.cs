using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// The client's body as transports read it: notes that it was begun, what the client did wrong, and when it is the client
/// that is waited for. Its last octets are not given out before the trailer fields behind them are found in order. Reused from request to request.
/// </summary>
internal sealed class RequestBodyReader(UpstreamRequest request, TryTimer timer) : PipeReader
{
    private PipeReader? body;
    private IHttpRequestTrailersFeature? trailers;

    /// <summary>What the client did wrong, or that it is gone.</summary>
    public ForwardError Failure { get; private set; }

    /// <summary>The server's own words about it.</summary>
    public string? Cause { get; private set; }

    private PipeReader Body => body ?? throw new InvalidOperationException("The exchange is over.");

    public void Attach(PipeReader source, IHttpRequestTrailersFeature? trailerFields)
    {
        body = source;
        trailers = trailerFields;
    }

    /// <summary>Lets go of the body: a transport that still reads gets an exception, never another request's octets.</summary>
    public void Detach()
    {
        body = null;
        trailers = null;
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

    public override void AdvanceTo(SequencePosition consumed) => Body.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Body.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => body?.CancelPendingRead();

    /// <summary>Nothing: the server completes the body with the request.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>
    /// Waits for the client. The server's reader never sees the token: over HTTP/1.1 a read that a token ended counts as still going on,
    /// so the server could not read on to the next request and would close the connection unannounced. A cancelled read is ended properly.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending, CancellationToken cancellationToken)
    {
        timer.Pause();
        try
        {
            using var registration = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), Body);
            while (true)
            {
                var result = await pending;
                if (!result.IsCanceled)
                {
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
            timer.Restart();
        }
    }

    private void Note(in ReadResult result)
    {
        if (!result.Buffer.IsEmpty) request.BodyStarted = true;
        if (!result.IsCompleted || trailers is not { Available: true } || RequestHeaderRules.CheckTrailers(trailers.Trailers) is not { } defect) return;
        Body.AdvanceTo(result.Buffer.End);
        throw new BadHttpRequestException(defect.Cause, defect.Status);
    }

    /// <summary>Always false: it only looks.</summary>
    private bool Note(Exception e, CancellationToken cancellationToken)
    {
        Failure = e switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ForwardError.RequestTooLarge,
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => ForwardError.RequestTimeout,
            BadHttpRequestException => ForwardError.RequestBody,
            IOException { InnerException: OverflowException } => ForwardError.RequestBody, // Kestrel's word for a chunk size beyond its numbers
            OperationCanceledException when cancellationToken.IsCancellationRequested => ForwardError.None,
            IOException or OperationCanceledException => ForwardError.ClientAborted,
            _ => ForwardError.None,
        };
        Cause = Failure == ForwardError.None ? null : e.Message;
        return false;
    }
}
