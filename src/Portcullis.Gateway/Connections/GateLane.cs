using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Portcullis.Gateway.Connections;

/// <summary>Where Kestrel picks up the HTTP/2 connections that a <see cref="ConnectionGate"/> let in.</summary>
internal sealed class GateLane(LaneEndPoint endPoint) : IConnectionListener
{
    // Never longer than the listener's connection limit: what waits here is counted already.
    private readonly Channel<ConnectionContext> waiting = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    public EndPoint EndPoint => endPoint;

    /// <summary>Hands a connection over; false once the lane is closed.</summary>
    public bool TryAdd(ConnectionContext connection) => waiting.Writer.TryWrite(connection);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            if (waiting.Reader.TryRead(out var connection)) return connection;
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        waiting.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
