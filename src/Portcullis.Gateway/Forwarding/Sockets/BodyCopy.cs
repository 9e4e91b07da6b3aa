using System.IO.Pipelines;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>Copies a response body from a stream into the client's pipe.</summary>
internal static class BodyCopy
{
    /// <summary>Smallest buffer to read into.</summary>
    private const int ReadSize = 16 * 1024;

    /// <summary>Octets after which a flush is due even while the upstream has more ready.</summary>
    private const int FlushSize = 64 * 1024;

    /// <param name="body">The upstream's side.</param>
    /// <param name="expected">The stated length, which the handler does not hold the body to (RFC 9113 §8.1.1); null: none stated.</param>
    /// <param name="destination">The client's side.</param>
    /// <param name="idleTimeout">Longest silence of either side.</param>
    /// <param name="clock">Measures it.</param>
    /// <param name="cancellationToken">Fires when the client is gone.</param>
    public static async ValueTask<CopyResult> RunAsync(
        Stream body, long? expected, PipeWriter destination, TimeSpan idleTimeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        await using var gone = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), idle);
        long copied = 0;
        var unflushed = 0;
        var isReading = true;
        try
        {
            while (true)
            {
                // An empty read waits for octets without holding a buffer, so that what is there can be flushed meanwhile.
                idle.CancelAfter(idleTimeout);
                isReading = true;
                var ready = body.ReadAsync(Memory<byte>.Empty, idle.Token);
                if (!ready.IsCompleted || unflushed >= FlushSize)
                {
                    isReading = false;
                    if (!await FlushAsync(destination, idle.Token))
                    {
                        _ = ready.AsTask();
                        return new(ForwardError.ClientAborted, copied, "the client closed the connection");
                    }

                    unflushed = 0;
                    isReading = true;
                    idle.CancelAfter(idleTimeout);
                }

                await ready;
                var read = await body.ReadAsync(destination.GetMemory(ReadSize), idle.Token);
                if (read == 0) break;
                if (copied + read > expected) return new(ForwardError.InvalidResponse, copied, "the body is longer than its content-length");
                destination.Advance(read);
                copied += read;
                unflushed += read;
            }

            return copied < expected
                ? new(ForwardError.ResponseBody, copied, "the body is shorter than its content-length")
                : new(ForwardError.None, copied, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new(ForwardError.ClientAborted, copied, "the client closed the connection");
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested)
        {
            return isReading
                ? new(ForwardError.ResponseIdle, copied, $"no octet of the body for {idleTimeout}")
                : new(ForwardError.ClientIdle, copied, $"no octet of the body taken for {idleTimeout}");
        }
        catch (Exception e) when (SocketsErrors.IsExpected(e))
        {
            return isReading && !cancellationToken.IsCancellationRequested
                ? new(SocketsErrors.ClassifyBody(e), copied, e.Message)
                : new(ForwardError.ClientAborted, copied, "the client closed the connection");
        }
    }

    private static async ValueTask<bool> FlushAsync(PipeWriter destination, CancellationToken cancellationToken)
    {
        var flushed = await destination.FlushAsync(cancellationToken);
        return !flushed.IsCompleted && !flushed.IsCanceled;
    }
}
