using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.EventLoops;

/// <summary>A connection's octets, plain or through TLS. One at a time may receive and one may send.</summary>
internal sealed class Wire(LoopSocket socket, SecureChannel? tls = null) : IDisposable
{
    public LoopSocket Socket => socket;

    /// <summary>Whether the end of the stream may not be the client's: it came over TLS, without close_notify.</summary>
    public bool IsTruncated => tls is { IsTruncated: true };

    /// <summary>Receives what is there, or waits for it. 0 at the end of the stream.</summary>
    /// <exception cref="OperationCanceledException">By <see cref="LoopSocket.CancelReceive"/>; the connection goes on.</exception>
    /// <exception cref="IOException">The connection is broken; also as <see cref="System.Net.Sockets.SocketException"/>.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> into) => tls is null ? socket.ReceiveAsync(into) : tls.ReceiveAsync(into);

    /// <summary>Waits without holding memory until there is something to receive. May return early; the number says nothing. Fails as <see cref="ReceiveAsync"/> does.</summary>
    public ValueTask<int> WaitForInputAsync() => tls is null ? socket.WaitForNewsAsync() : tls.WaitForInputAsync();

    /// <summary>Sends all.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
        => tls is null ? socket.SendAsync(octets, cancellationToken) : tls.SendAsync(octets, cancellationToken);

    /// <summary>Ends the sending half properly: close_notify, then FIN.</summary>
    public async ValueTask EndSendingAsync()
    {
        if (tls is not null) await tls.EndSendingAsync();
        socket.EndSending();
    }

    /// <summary>Closes the connection with a reset, so that nothing incomplete looks complete. From any thread.</summary>
    public void Abort() => socket.Reset();

    /// <summary>Closes the connection; nobody may use it any more.</summary>
    public void Dispose()
    {
        socket.Dispose();
        tls?.Dispose();
    }
}
