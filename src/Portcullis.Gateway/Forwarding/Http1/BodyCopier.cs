using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Copies response bodies to the client's writer; reused with its exchange. Octets go straight from the socket into the
/// writer's memory where the framing permits. What is written is flushed before a wait for more, and at the end, so
/// nothing ever lies unsent.
/// </summary>
internal sealed class BodyCopier(Http1Exchange exchange)
{
    // Flushed at the latest when so much is written: two TLS records towards the client.
    private const int FlushAt = 32 * 1024;

    // Below this a copy is cheaper than asking the writer for memory.
    private const int DirectAt = 4 * 1024;

    private readonly Http1Connection connection = exchange.Connection;
    private readonly ResponseParser parser = exchange.Parser;
    private long copied;
    private int unflushed;
    private int sinceTurn;

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    public async ValueTask<CopyResult> CopyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        copied = unflushed = sinceTurn = 0;
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((Http1Connection)state!).End(EndReason.ClientGone), connection);
        try
        {
            while (true)
            {
                var error = ForwardError.InvalidResponse;
                var step = TakeBuffered(destination);
                if (step == ParseStep.NeedMore)
                {
                    var length = MayReceiveDirectly
                        ? await ReceiveDirectlyAsync(destination, idleTimeout, cancellationToken)
                        : await ReceiveAsync(destination, idleTimeout, cancellationToken);
                    if (length < 0)
                        return ClientFailed();
                    if (length == 0)
                    {
                        step = connection.WasCut ? parser.Refuse("the connection ended without close_notify") : parser.EndOfStream();
                        error = ForwardError.ResponseBody;
                    }
                }

                if (step == ParseStep.Invalid)
                    return Broken(error, parser.Error);
                if ((step == ParseStep.End || unflushed >= FlushAt) && unflushed > 0 && !await FlushAsync(destination, idleTimeout, cancellationToken))
                    return ClientFailed();
                if (step == ParseStep.End)
                    return new CopyResult(ForwardError.None, copied, null);
                if (sinceTurn >= PoolTurn.CopyLimit)
                {
                    sinceTurn = 0;
                    await PoolTurn.TakeAsync();
                }
            }
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            connection.Received(0);
            return Broken(ForwardError.ResponseBody, e.Message);
        }
        finally
        {
            connection.DisarmDeadline();
        }
    }

    private bool MayReceiveDirectly =>
        connection.IsPlain && parser.BodyAhead >= DirectAt && (copied > 0 || parser.Framing == BodyFraming.Length);

    /// <summary>Moves the next piece of what has been received into the writer.</summary>
    private ParseStep TakeBuffered(PipeWriter destination)
    {
        var step = parser.ReadBody(connection.Buffered, out var consumed, out var content);
        if (content.Length > 0)
        {
            // RFC 9110 §15.3.6: a 205 has no content, and the server's writer would refuse it.
            if (parser.StatusCode == 205)
                return parser.Refuse("a 205 response has content");

            content.CopyTo(destination.GetSpan(content.Length));
            destination.Advance(content.Length);
            Count(content.Length);
        }

        connection.Consume(consumed);
        return step;
    }

    /// <summary>Receives into the writer's own memory; what is there from before is flushed first.</summary>
    /// <returns>Octets received, 0 at the end of the stream, -1 when the client failed.</returns>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveDirectlyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        if (unflushed > 0 && !await FlushAsync(destination, idleTimeout, cancellationToken))
            return -1;

        var memory = destination.GetMemory((int)Math.Min(parser.BodyAhead, FlushAt));
        var receiving = connection.ReceiveAsync(memory[..(int)Math.Min(memory.Length, parser.BodyAhead)], CancellationToken.None);
        var length = await WaitAsync(receiving, idleTimeout);
        destination.Advance(length);
        parser.TakeBody(length);
        Count(length);
        return length;
    }

    /// <summary>Receives into the connection's buffer, flushing what is written when that has to wait.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        var receiving = connection.ReceiveAsync();

        // A body of known length follows its head soon: the head waits for it and both leave in one write. Others, such as
        // event streams, may stay silent for long, and the client is to see the head.
        if (!receiving.IsCompleted && (unflushed > 0 || (copied == 0 && parser.Framing != BodyFraming.Length))
            && !await FlushAsync(destination, idleTimeout, cancellationToken))
        {
            connection.End(EndReason.ClientGone);
            await receiving;
            return -1;
        }

        var length = await WaitAsync(receiving, idleTimeout);
        connection.Received(length);
        return length;
    }

    private ValueTask<int> WaitAsync(ValueTask<int> receiving, TimeSpan idleTimeout)
    {
        if (!receiving.IsCompleted)
            connection.ArmDeadline(idleTimeout);
        return receiving;
    }

    /// <returns>False when the client is gone or does not take what is there.</returns>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FlushAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        connection.DisarmDeadline();
        try
        {
            var flushing = destination.FlushAsync(cancellationToken);
            if (!flushing.IsCompleted)
                connection.ArmDeadline(idleTimeout, destination);
            var flushed = await flushing;
            connection.DisarmDeadline();
            unflushed = 0;
            return !flushed.IsCompleted && !flushed.IsCanceled;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Count(int length)
    {
        copied += length;
        unflushed += length;
        sinceTurn += length;
    }

    private CopyResult ClientFailed()
    {
        connection.End(EndReason.ClientGone);
        return connection.Reason == EndReason.ClientIdle
            ? new CopyResult(ForwardError.ClientIdle, copied, "the client did not take the response")
            : new CopyResult(ForwardError.ClientAborted, copied, "the client is gone");
    }

    private CopyResult Broken(ForwardError error, string? cause) => connection.Reason switch
    {
        EndReason.ClientGone => new CopyResult(ForwardError.ClientAborted, copied, "the client is gone"),
        EndReason.ClientIdle => new CopyResult(ForwardError.ClientIdle, copied, "the client did not take the response"),
        EndReason.UpstreamIdle => new CopyResult(ForwardError.ResponseIdle, copied, "the upstream was silent within the body"),
        EndReason.RequestFailed => new CopyResult(exchange.Sender.Error, copied, exchange.Sender.Cause),
        _ => new CopyResult(error, copied, cause),
    };
}
