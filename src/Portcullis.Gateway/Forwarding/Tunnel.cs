using System.Buffers;
using System.Diagnostics;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Copies both ways between a client and an upstream after a granted upgrade.</summary>
internal static class Tunnel
{
    /// <summary>How long the upstream may go on once the client has ended its side: for its last frames.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int BufferSize = 16 * 1024;

    /// <summary>Runs until one side ends, the client is gone, or nothing moved for <paramref name="idleTimeout"/>.</summary>
    /// <returns>The error, if any, and the octets sent to the client.</returns>
    public static async ValueTask<CopyResult> RunAsync(Stream client, Stream upstream, TimeSpan idleTimeout, TimeProvider clock, CancellationToken aborted)
    {
        using var stop = new CancellationTokenSource(idleTimeout, clock);
        await using var gone = aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stop);
        var toUpstream = new Direction(client, upstream, idleTimeout, stop);
        var toClient = new Direction(upstream, client, idleTimeout, stop);
        var sending = toUpstream.RunAsync();
        var receiving = toClient.RunAsync();
        try
        {
            return await WatchAsync();
        }
        finally
        {
            // Whatever happened, neither direction outlives the exchange, whose streams it uses.
            await stop.CancelAsync();
            await Task.WhenAll((Task)sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async ValueTask<CopyResult> WatchAsync()
        {
            if (await Task.WhenAny(sending, receiving) == sending && await sending is null)
            {
                toClient.IsFinal = true;
                stop.CancelAfter(Grace);
            }
            else
            {
                await stop.CancelAsync();
            }

            var timedOut = !aborted.IsCancellationRequested && !toUpstream.HasEnded && !toClient.HasEnded;
            var received = await receiving;
            var sent = await sending;
            if (aborted.IsCancellationRequested) return new(ForwardError.ClientAborted, toClient.Octets, "the client closed the connection");
            if (timedOut) return new(ForwardError.ResponseIdle, toClient.Octets, $"nothing moved for {idleTimeout}");
            if (received is IOException && toClient.HasFailedReading) return new(ForwardError.ResponseBody, toClient.Octets, received.Message);
            return sent is IOException && toUpstream.HasFailedReading
                ? new(ForwardError.ClientAborted, toClient.Octets, sent.Message)
                : new(ForwardError.None, toClient.Octets, null);
        }
    }

    private sealed class Direction(Stream source, Stream target, TimeSpan idleTimeout, CancellationTokenSource stop)
    {
        public long Octets { get; private set; }

        /// <summary>Ended of itself, by end of stream or broken I/O, not by being stopped.</summary>
        public bool HasEnded { get; private set; }

        public bool HasFailedReading { get; private set; }

        /// <summary>Its activity no longer extends the time.</summary>
        public bool IsFinal { get; set; }

        /// <summary>Null at the end of the stream, else why it ended.</summary>
        public async Task<Exception?> RunAsync()
        {
            byte[]? buffer = null;
            var isReading = true;
            var sinceTurn = 0;
            try
            {
                while (true)
                {
                    // Waits without holding a buffer: most tunnels are silent most of the time.
                    isReading = true;
                    var none = await source.ReadAsync(Memory<byte>.Empty, stop.Token);
                    Debug.Assert(none == 0, "an empty buffer takes nothing");
                    buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                    var read = await source.ReadAsync(buffer, stop.Token);
                    if (read == 0)
                    {
                        HasEnded = true;
                        return null;
                    }

                    isReading = false;
                    if (!IsFinal) stop.CancelAfter(idleTimeout);
                    await target.WriteAsync(buffer.AsMemory(0, read), stop.Token);
                    await target.FlushAsync(stop.Token);
                    Octets += read;
                    sinceTurn += read;
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                    if (sinceTurn >= PoolTurn.CopyLimit)
                    {
                        sinceTurn = 0;
                        await PoolTurn.TakeAsync();
                    }
                }
            }
            catch (OperationCanceledException e)
            {
                return e;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                HasEnded = true;
                HasFailedReading = isReading;
                return e;
            }
            finally
            {
                if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
