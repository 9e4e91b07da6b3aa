using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.EventLoops;

/// <summary>A connection's octets, plain or through TLS. One at a time may receive and one may send.</summary>
internal sealed class Wire(LoopSocket socket, SslStream? tls = null) : IDisposable
{
    public LoopSocket Socket => socket;

    /// <summary>Receives what is there, or waits for it. 0 at the end of the stream.</summary>
    /// <exception cref="OperationCanceledException">By <see cref="LoopSocket.CancelReceive"/>; the connection goes on.</exception>
    /// <exception cref="IOException">The connection is broken; over TCP alone also <see cref="System.Net.Sockets.SocketException"/>.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        if (tls is null) return socket.ReceiveAsync(into);
        var reading = tls.ReadAsync(into);
        return reading.IsCompletedSuccessfully ? reading : AwaitAsync(reading);
    }

    /// <summary>Waits without holding memory until there is something to receive. May return early; the number says nothing. Fails as <see cref="ReceiveAsync"/> does.</summary>
    public ValueTask<int> WaitForInputAsync() => tls is null ? socket.WaitForNewsAsync() : ReceiveAsync(Memory<byte>.Empty);

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AwaitAsync(ValueTask<int> reading)
    {
        try
        {
            return await reading;
        }
        catch (IOException e) when (e.InnerException is OperationCanceledException cancelled)
        {
            // The stream takes it for an end unless the token is its own, but has lost nothing and can be read on.
            ExceptionDispatchInfo.Throw(cancelled);
            return 0;
        }
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
