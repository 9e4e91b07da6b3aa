using System.Net.Security;

namespace Portcullis.Gateway.EventLoops;

/// <summary>A connection's octets, plain or through TLS. One at a time may receive and one may send.</summary>
internal sealed class Wire(LoopSocket socket, SslStream? tls = null) : IDisposable
{
    public LoopSocket Socket => socket;

    /// <summary>Whether octets may be received straight into another's memory: with TLS, records make a copy cheaper.</summary>
    public bool IsPlain => tls is null;

    /// <summary>Receives what is there, or waits for it. 0 at the end of the stream.</summary>
    /// <exception cref="IOException">The connection is broken; over TCP alone also <see cref="System.Net.Sockets.SocketException"/>.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> into) => tls is null ? socket.ReceiveAsync(into) : tls.ReadAsync(into);

    /// <summary>Waits without holding memory until there is something to receive. May return early.</summary>
    public ValueTask WaitForInputAsync()
    {
        if (tls is null) return socket.WaitForNewsAsync();
        var waiting = tls.ReadAsync(Memory<byte>.Empty);
        return waiting.IsCompletedSuccessfully ? default : AwaitAsync(waiting);

        static async ValueTask AwaitAsync(ValueTask<int> waiting) => await waiting;
    }

    /// <summary>Sends all.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
        => tls is null ? socket.SendAsync(octets, cancellationToken) : tls.WriteAsync(octets, cancellationToken);

    /// <summary>Ends the sending half properly: close_notify, then FIN.</summary>
    public async ValueTask EndSendingAsync()
    {
        if (tls is not null) await tls.ShutdownAsync();
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
