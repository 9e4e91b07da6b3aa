using System.IO.Pipelines;
using System.Net;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>
/// Streams a request's body to <see cref="SocketsHttpHandler"/> as it arrives. Tells failures of the client apart from those
/// of the upstream, and can be stopped and waited for: nothing may read the body once the exchange is over.
/// </summary>
internal sealed class PipeContent : HttpContent
{
    private readonly UpstreamRequest request;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;

    public PipeContent(UpstreamRequest request) => this.request = request;

    private enum State
    {
        New,
        Running,
        Stopped,
    }

    /// <summary>What the client did wrong, or that it is gone; <see cref="ForwardError.None"/> where the body is not to blame.</summary>
    public ForwardError Failure { get; private set; }

    /// <summary>Whether its sending has begun: the head before it went to the upstream.</summary>
    public bool WasBegun => Volatile.Read(ref state) != (int)State.New;

    /// <summary>Ends the sending if it goes on and waits until the body is no longer touched.</summary>
    public async ValueTask StopAsync()
    {
        if (Interlocked.Exchange(ref state, (int)State.Stopped) != (int)State.Running && !ended.Task.IsCompleted) return;
        if (!ended.Task.IsCompleted)
        {
            await stop.CancelAsync();
            await ended.Task;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref state, (int)State.Running, (int)State.New) != (int)State.New)
        {
            throw new IOException("The request's body can be sent only once.");
        }

        try
        {
            // Sends the head at once: a bidirectional stream may have nothing in its body for long.
            await stream.FlushAsync(cancellationToken);
            if (request.Body is null) return;

            using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancellationToken);
            await CopyAsync(request.Body, stream, linked.Token);
        }
        finally
        {
            ended.SetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = request.Body is null ? 0 : request.ContentLength.GetValueOrDefault();
        return request.Body is null || request.ContentLength is not null;
    }

    private async Task CopyAsync(PipeReader body, Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!TryRead(body, cancellationToken, out var read))
            {
                await stream.FlushAsync(cancellationToken);
                read = await ReadAsync(body, cancellationToken);
            }

            var buffer = read.Buffer;
            var end = buffer.Start;
            try
            {
                if (!buffer.IsEmpty) request.BodyStarted = true;
                foreach (var segment in buffer) await stream.WriteAsync(segment, cancellationToken);
                end = buffer.End;
            }
            finally
            {
                body.AdvanceTo(end);
            }

            if (read.IsCompleted) return;
            if (read.IsCanceled) throw new OperationCanceledException("The body's reading was cancelled.");
        }
    }

    private bool TryRead(PipeReader body, CancellationToken cancellationToken, out ReadResult read)
    {
        try
        {
            return body.TryRead(out read);
        }
        catch (Exception e) when (IsClients(e, cancellationToken))
        {
            throw new IOException(e.Message, e);
        }
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (IsClients(e, cancellationToken))
        {
            throw new IOException(e.Message, e);
        }
    }

    private bool IsClients(Exception e, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return false;
        Failure = ClientFailure.Of(e);
        return Failure != ForwardError.None;
    }
}
