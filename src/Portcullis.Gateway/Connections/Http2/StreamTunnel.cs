using Microsoft.AspNetCore.Connections;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Both directions of a stream after an extended CONNECT was granted (RFC 8441 §5).</summary>
internal sealed class StreamTunnel(StreamBody body, StreamWriter writer) : DuplexStream(default)
{
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await body.ReadAsync(cancellationToken);
        var octets = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
        foreach (var part in octets)
        {
            part.CopyTo(buffer);
            buffer = buffer[part.Length..];
        }

        // What is not taken is there for the next read.
        var length = (int)octets.Length;
        body.AdvanceTo(octets.End);
        return length;
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        var writing = writer.WriteAsync(octets, cancellationToken);

        // A flush that waits for the client knows no token: who gives up resets the stream.
        await using var registration = writing.IsCompleted
            ? default
            : cancellationToken.UnsafeRegister(static pending => ((StreamWriter)pending!).CancelPendingFlush(), writer);
        var result = await writing;
        if (result.IsCompleted) throw new ConnectionResetException("The stream was reset.");
    }
}
