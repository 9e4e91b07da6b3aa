using System.Threading.Channels;
using Portcullis.Gateway.EventLoops;

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

    /// <summary>Whether a further connection would have to wait.</summary>
    public bool AreTaken => taken.Reader.Count >= endpoint.Connections.Maximum;

    /// <summary>For logs.</summary>
    public string Exhausted => $"{endpoint.Authority}: all {endpoint.Connections.Maximum} connections are in use";

    /// <summary>Connects once there is a place, which the stream keeps until it is disposed or past its lifetime.</summary>
    /// <exception cref="UpstreamConnectException">There is no connection, or no place for one.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        await TakeAsync(cancellationToken);
        var isHeld = false;
        try
        {
            var connected = await endpoint.Connector.ConnectAsync(cancellationToken);
            if (connected.Socket is not { } socket) throw new UpstreamConnectException(connected.Error, connected.Cause!);
            var stream = new PlacedStream(socket, this);
            isHeld = true;
            return stream;
        }
        finally
        {
            if (!isHeld) Release();
        }
    }

    private void Release() => taken.Reader.TryRead(out _);

    private ITimer StartLifetime(TimerCallback end, object state) => endpoint.Clock.CreateTimer(end, state, endpoint.Connections.Lifetime, Timeout.InfiniteTimeSpan);

    private async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await taken.Writer.WriteAsync(true, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new UpstreamConnectException(ForwardError.PoolExhausted, Exhausted);
        }
    }

    /// <summary>
    /// A connection that is past <c>connections.lifetime</c> takes no further requests but ends only with its last stream, which may be long: its place
    /// goes to the one that replaces it.
    /// </summary>
    private sealed class PlacedStream : LoopStream
    {
        private readonly ConnectionPlaces places;
        private readonly ITimer retirement;
        private int isReleased;

        public PlacedStream(LoopSocket socket, ConnectionPlaces places)
            : base(socket)
        {
            this.places = places;
            retirement = places.StartLifetime(static state => ((PlacedStream)state!).Release(), this);
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            retirement.Dispose();
            Release();
        }

        private void Release()
        {
            if (Interlocked.Exchange(ref isReleased, 1) == 0) places.Release();
        }
    }
}
