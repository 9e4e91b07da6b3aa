using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Puts an <see cref="Http2FrameWatch"/> around a connection and closes it when its client floods.</summary>
internal sealed class FloodGuard
{
    private readonly ConnectionContext connection;
    private readonly FloodLog log;
    private readonly Http2FrameWatch watch;
    private readonly ClientConnection client;
    private bool cut;

    public FloodGuard(ConnectionContext connection, TimeProvider time, FloodLog log)
    {
        this.connection = connection;
        this.log = log;
        client = connection.Features.Get<ClientConnection>()!;
        watch = new Http2FrameWatch(time);
    }

    public IDuplexPipe Wrap(IDuplexPipe transport)
        => new WrappedTransport(new WatchedInput(transport.Input, watch, IsWithinLimits), new CountedOutput(transport.Output, watch));

    private bool IsWithinLimits()
    {
        if (cut) return false;
        if (watch.FindFlood(client.Rules.Options.Limits.Http2) is not { } flood) return true;
        cut = true;
        connection.Features.Get<Admission>()!.CountRefused(ConnectionRefusal.Http2Flood);
        log.Cut(client, flood);
        connection.Abort(new ConnectionAbortedException("HTTP/2 flood: " + flood));
        return false;
    }
}
