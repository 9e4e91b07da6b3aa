using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Sends one request after another over its connection. What is at hand of the body leaves with the head in one write;
/// only a body that is not at hand whole is sent on beside the reading of the response.
/// </summary>
internal sealed class RequestSender(Http1Connection connection)
{
    /// <summary>How long an upstream that says nothing to Expect is waited for (RFC 9110 §10.1.1).</summary>
    public static readonly TimeSpan ContinueTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan EndingTimeout = TimeSpan.FromMilliseconds(100);

    private readonly OutputBuffer output = new();
    private readonly RequestBodyWriter writer = new();
    private UpstreamRequest request = null!;
    private CancellationTokenSource? stop;
    private TaskCompletionSource? goAhead;
    private Task? running;
    private volatile bool complete;

    /// <summary>Whether the whole request has been sent; before that the connection can't carry another.</summary>
    public bool Complete => complete;

    /// <summary>Whether the last octets of the request are being sent: the response may be over before that is noticed.</summary>
    public bool IsEnding => writer.Complete;

    /// <summary>Whether the system refused every octet, so that the upstream has seen nothing.</summary>
    public bool NothingSent { get; private set; }

    /// <summary>Why sending ended early.</summary>
    public ForwardError Error { get; private set; }

    public string? Cause { get; private set; }

    /// <summary>Whether the error is the client's, and so the answer to the request whatever the upstream says.</summary>
    public bool ClientFailed => Error is not (ForwardError.None or ForwardError.Send);

    /// <summary>Writes the head into the buffer; sends nothing.</summary>
    /// <returns>Null, or what is wrong with the request.</returns>
    public string? Prepare(UpstreamRequest next)
    {
        request = next;
        complete = NothingSent = false;
        connection.BeginSending();
        running = null;
        goAhead = null;
        Error = ForwardError.None;
        Cause = null;
        writer.Begin(next);
        return RequestHead.Write(output, next);
    }

    /// <summary>Sends the head and what is at hand of the body, then starts sending the rest.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask StartAsync()
    {
        var waits = request.ExpectContinue && !writer.Complete;
        var taken = default(SequencePosition);
        var holdsBody = false;
        var start = taken;
        if (!writer.Complete && !waits)
        {
            try
            {
                holdsBody = request.Body!.TryRead(out var read);
                if (holdsBody)
                {
                    start = read.Buffer.Start;
                    taken = writer.Append(output, read.Buffer, read.IsCompleted);
                }
            }
            catch (Exception e) when (IsClientFailure(e))
            {
                FailClient(e);
                return;
            }
        }

        if (writer.Error is { } error)
        {
            request.Body!.AdvanceTo(start);
            FailClient(ForwardError.RequestBody, error);
            return;
        }

        var sent = await SendAsync(first: true, CancellationToken.None);
        if (holdsBody)
        {
            // Octets that never left are given back, so that another connection can still send them.
            request.BodyStarted |= !NothingSent && !taken.Equals(start);
            try
            {
                request.Body!.AdvanceTo(NothingSent ? start : taken);
            }
            catch (Exception e) when (IsClientFailure(e))
            {
                FailClient(e);
                return;
            }
        }

        if (!sent)
            return;

        if (writer.Complete)
        {
            End();
            return;
        }

        stop ??= new CancellationTokenSource();
        if (waits)
            goAhead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        running = SendBodyAsync(stop.Token);
    }

    /// <summary>The upstream asked for the body with 100 (Continue).</summary>
    public void GoAhead() => goAhead?.TrySetResult();

    /// <summary>Waits a moment for the end of a request whose last octets are being sent.</summary>
    public async ValueTask AwaitEndAsync()
    {
        try
        {
            if (running is { } ending)
                await ending.WaitAsync(EndingTimeout, connection.Clock.Source);
        }
        catch (TimeoutException)
        {
            // The upstream does not take them: its connection is closed.
        }
    }

    /// <summary>Ends the sending where it stands and waits until nothing touches the request any more.</summary>
    public ValueTask StopAsync()
    {
        if (running is not { IsCompleted: false })
        {
            output.Release();
            running = null;
            return ValueTask.CompletedTask;
        }

        return StopRunningAsync();
    }

    /// <summary>Forgets the request after its end.</summary>
    public void Forget()
    {
        request = null!;
        writer.Forget();
        output.Release();
    }

    private async ValueTask StopRunningAsync()
    {
        await stop!.CancelAsync();
        await running!;
        stop.Dispose();
        stop = null;
        running = null;
        output.Release();
    }

    private async Task SendBodyAsync(CancellationToken cancellationToken)
    {
        if (goAhead is not null && !await MayGoAheadAsync(cancellationToken))
            return;

        var sinceTurn = 0;
        while (true)
        {
            try
            {
                var read = await request.Body!.ReadAsync(cancellationToken);
                if (read.IsCanceled)
                {
                    request.Body.AdvanceTo(read.Buffer.Start);
                    FailClient(ForwardError.ClientAborted, "the reading of the request's body was cancelled");
                    return;
                }

                var taken = writer.Append(output, read.Buffer, read.IsCompleted);
                request.BodyStarted |= !read.Buffer.IsEmpty;
                request.Body.AdvanceTo(taken);
            }
            catch (Exception e) when (IsClientFailure(e))
            {
                if (!cancellationToken.IsCancellationRequested)
                    FailClient(e);
                return;
            }

            if (writer.Error is { } error)
            {
                FailClient(ForwardError.RequestBody, error);
                return;
            }

            sinceTurn += output.Length;
            if (!await SendAsync(first: false, cancellationToken))
                return;

            if (writer.Complete)
            {
                End();
                return;
            }

            if (sinceTurn >= PoolTurn.CopyLimit)
            {
                sinceTurn = 0;
                await PoolTurn.TakeAsync();
            }
        }
    }

    private async ValueTask<bool> MayGoAheadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await goAhead!.Task.WaitAsync(ContinueTimeout, connection.Clock.Source, cancellationToken);
        }
        catch (TimeoutException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendAsync(bool first, CancellationToken cancellationToken)
    {
        try
        {
            if (output.Length > 0)
                await connection.SendAsync(output.Written, cancellationToken);

            output.Clear();
            return true;
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            // A response may be there all the same (413, say, RFC 9112 §9.5): reading goes on.
            NothingSent = first && !connection.HasSent;
            Error = ForwardError.Send;
            Cause = e.Message;
            return false;
        }
    }

    private void FailClient(Exception e) => FailClient(ClientFailure.Of(e), e.Message);

    private void FailClient(ForwardError error, string cause)
    {
        Error = error;
        Cause = cause;
        connection.End(EndReason.RequestFailed);
    }

    // Once Complete is seen, the next exchange may begin on another thread: it is set last.
    private void End()
    {
        output.Release();
        complete = true;
    }

    private static bool IsClientFailure(Exception e) => ClientFailure.Of(e) != ForwardError.None;
}
