namespace Portcullis.Gateway.EventLoops;

/// <summary>
/// A connection as a stream: what was received before comes first, reading and writing may go on at once, and nothing blocks. A broken connection
/// is an <see cref="IOException"/>, as with any stream of the network.
/// </summary>
/// <param name="early">What was received before.</param>
internal abstract class DuplexStream(ReadOnlyMemory<byte> early) : Stream
{
    private ReadOnlyMemory<byte> early = early;

    public sealed override bool CanRead => true;

    public sealed override bool CanWrite => true;

    public sealed override bool CanSeek => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there. An empty buffer waits until something is.</summary>
    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (early.IsEmpty) return ReceiveAsync(buffer, cancellationToken);
        var length = Math.Min(early.Length, buffer.Length);
        early[..length].CopyTo(buffer);
        early = early[length..];
        return new(length);
    }

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => SendAsync(buffer, cancellationToken);

    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public sealed override void Flush()
    {
        // Nothing is held back.
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing blocks here: use ReadAsync.");

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing blocks here: use WriteAsync.");

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Receives what is there. An empty buffer waits until something is.</summary>
    protected abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends all.</summary>
    protected abstract ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken);
}
