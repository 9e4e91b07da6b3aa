using Portcullis.Gateway.Forwarding.Balancing;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What the forwarding of one request needs, reused from request to request.</summary>
internal sealed class ForwardState : IDisposable
{
    public ForwardState(TimeProvider clock)
    {
        Timer = new TryTimer(clock);
        Body = new RequestBodyReader(Request, Timer, clock);
    }

    public UpstreamRequest Request { get; } = new();

    public TryTimer Timer { get; }

    public RequestBodyReader Body { get; }

    /// <summary>Where the request has been.</summary>
    public TriedDestinations Tried;

    /// <summary>The key this side made up for a WebSocket handshake (RFC 6455 §4.1); null: the client's own, or none.</summary>
    public string? WebSocketKey { get; set; }

    public void Reset()
    {
        Request.Reset();
        Body.Detach();
        Timer.Reset();
        Tried = default;
        WebSocketKey = null;
    }

    public void Dispose() => Timer.Dispose();
}
