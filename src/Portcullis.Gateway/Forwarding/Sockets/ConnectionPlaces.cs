using System.Net.Sockets;
using System.Threading.Channels;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>
/// Holds the connections of a <see cref="SocketsHttpHandler"/> to <c>connections.maximum</c>. Over HTTP/2 the handler knows no maximum: it opens
/// a further one whenever the upstream's limit of streams is reached, and an upstream may set that to one (RFC 9113 §5.1.2).
/// </summary>
/// <remarks>At the cap a new connection waits for a place as long as connecting may take. Requests wait beside it for a stream of an open one.</remarks>
internal sealed class ConnectionPlaces(UpstreamEndpoint endpoint)
{
    // One entry for each connection, as a semaphore that may outlive its owner undisposed: connections end after the transport does.
    private readonly Channel<bool> taken = Channel.CreateBounded<bool>(endpoint.Connections.Maximum);

    /// <summary>Connects once there is a place, which the stream keeps until it is disposed.</summary>
    /// <exception cref="UpstreamConnectException">There is no connection, or no place for one.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        await TakeAsync(cancellationToken);
        var isHeld = false;
        try
        {
            var connected = await endpoint.Connector.ConnectAsync(cancellationToken);
            if (connected.Socket is not { } socket) throw new UpstreamConnectException(connected.Error, connected.Cause!);
            isHeld = true;
            return new PlacedStream(socket, taken.Reader);
        }
        finally
        {
            if (!isHeld) taken.Reader.TryRead(out _);
        }
    }

    private async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await taken.Writer.WriteAsync(true, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new UpstreamConnectException(ForwardError.PoolExhausted, $"{endpoint.Authority}: all {endpoint.Connections.Maximum} connections are in use");
        }
    }

    private sealed class PlacedStream(Socket socket, ChannelReader<bool> taken) : NetworkStream(socket, ownsSocket: true)
    {
        private int isReleased;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref isReleased, 1) == 0) taken.TryRead(out _);
        }
    }
}
