using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Both directions of a client's connection after 101 (Switching Protocols). Reading and writing may go on at once.</summary>
internal sealed class UpgradedClient(Wire wire, ReadOnlyMemory<byte> early) : Stream
{
    // What the client sent right behind its request.
    private ReadOnlyMemory<byte> early = early;

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
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!early.IsEmpty)
        {
            var length = Math.Min(early.Length, buffer.Length);
            early[..length].CopyTo(buffer);
            early = early[length..];
            return length;
        }

        await using var registration = cancellationToken.UnsafeRegister(static socket => ((LoopSocket)socket!).CancelReceive(), wire.Socket);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (!buffer.IsEmpty) return await wire.ReceiveAsync(buffer);
                await wire.WaitForInputAsync();
                return 0;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // By somebody who was not in time.
            }
            catch (SocketException e)
            {
                throw new IOException(e.Message, e);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await wire.SendAsync(buffer, cancellationToken);
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
}
