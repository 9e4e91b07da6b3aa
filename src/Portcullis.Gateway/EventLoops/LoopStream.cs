using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.EventLoops;

/// <summary>A <see cref="LoopSocket"/> as a stream, for TLS and for the framework's HTTP client. Owns the socket.</summary>
/// <param name="socket">Owned by the stream.</param>
/// <param name="early">What was received before; comes first.</param>
internal class LoopStream(LoopSocket socket, ReadOnlyMemory<byte> early = default) : Stream
{
    private ReadOnlyMemory<byte> early = early;
    private volatile bool hasEnded;

    /// <summary>Whether what was read is worked on in the thread pool: for as long as that is a handshake, which costs as much as dozens of requests.</summary>
    public bool ResumesInPool { get; set; }

    /// <summary>
    /// Whether the TCP connection has been read to its end. A TLS stream shows that just like the peer's close_notify, though only that one
    /// is the peer's (RFC 9112 §9.8). After close_notify nothing reads on.
    /// </summary>
    public bool HasEnded => hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there. An empty buffer waits until something is.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!early.IsEmpty) return new(TakeEarly(buffer));
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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var sending = socket.SendAsync(buffer, cancellationToken);
            return sending.IsCompletedSuccessfully ? default : AwaitAsync(sending);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing blocks here: use ReadAsync.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing blocks here: use WriteAsync.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
                if (cancellationToken.CanBeCanceled) await socket.WaitForInputAsync(cancellationToken);
                else await socket.WaitForNewsAsync();
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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

    private int TakeEarly(Memory<byte> buffer)
    {
        var length = Math.Min(early.Length, buffer.Length);
        early[..length].CopyTo(buffer);
        early = early[length..];
        return length;
    }

    private int Note(int length)
    {
        if (length == 0) hasEnded = true;
        return length;
    }
}
