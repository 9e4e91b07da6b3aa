using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.EventLoops;

/// <summary>A <see cref="LoopSocket"/> as a stream, for TLS and for the framework's HTTP client. Owns the socket.</summary>
/// <param name="socket">Owned by the stream.</param>
/// <param name="early">What was received before; comes first.</param>
internal class LoopStream(LoopSocket socket, ReadOnlyMemory<byte> early = default) : DuplexStream(early)
{
    private volatile bool hasEnded;

    /// <summary>Whether what was read is worked on in the thread pool: for as long as that is a handshake, which costs as much as dozens of requests.</summary>
    public bool ResumesInPool { get; set; }

    /// <summary>
    /// Whether the TCP connection has been read to its end. A TLS stream shows that just like the peer's close_notify, though only that one
    /// is the peer's (RFC 9112 §9.8). After close_notify nothing reads on.
    /// </summary>
    public bool HasEnded => hasEnded;

    protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Fewer levels of waiting for what is done most.
        if (buffer.IsEmpty && !cancellationToken.CanBeCanceled) return socket.WaitForNewsAsync();
        if (buffer.IsEmpty || ResumesInPool) return WaitAndReadAsync(buffer, cancellationToken);
        try
        {
            var reading = socket.ReceiveAsync(buffer, cancellationToken);
            return reading.IsCompletedSuccessfully ? new(Note(reading.Result)) : AwaitAsync(reading);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    protected override ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        try
        {
            var sending = socket.SendAsync(octets, cancellationToken);
            return sending.IsCompletedSuccessfully ? default : AwaitAsync(sending);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            if (buffer.IsEmpty)
            {
                await socket.WaitForInputAsync(cancellationToken);
                return 0;
            }

            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (ResumesInPool) await PoolTurn.TakeAsync();
            return Note(length);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading)
    {
        try
        {
            return Note(await reading);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async ValueTask AwaitAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private int Note(int length)
    {
        if (length == 0) hasEnded = true;
        return length;
    }
}
