using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// What a TLS stream reads from. Notes the end of the TCP connection, which the TLS stream shows just like the peer's
/// close_notify, though only that one is the peer's (RFC 9112 §9.8).
/// </summary>
internal sealed class TlsSocketStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private volatile bool hasEnded;

    /// <summary>Whether the TCP connection has been read to its end. After close_notify nothing reads on.</summary>
    public bool HasEnded => hasEnded;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = base.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Note(reading.Result, buffer.Length)) : WaitAsync(reading, buffer.Length);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> reading, int room) => Note(await reading, room);

    private int Note(int read, int room)
    {
        if (read == 0 && room > 0) hasEnded = true;
        return read;
    }
}
