namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Everything that can go wrong between the gateway and its two sides. <see cref="ForwardErrors"/> is the one table that
/// says which status and code each gives, who is to blame, and whether another try is safe.
/// </summary>
public enum ForwardError
{
    None,

    /// <summary>No destination may be asked: none has weight.</summary>
    NoDestination,

    /// <summary>The circuits of all destinations are open.</summary>
    CircuitOpen,

    /// <summary>The destination's name does not resolve.</summary>
    Resolve,

    /// <summary>The destination's addresses are all forbidden by the cluster's network rules.</summary>
    AddressForbidden,

    /// <summary>Connecting failed or took too long.</summary>
    Connect,

    /// <summary>The TLS handshake with the destination failed.</summary>
    Tls,

    /// <summary>All connections are in use and the queue is full, or the wait took too long.</summary>
    PoolExhausted,

    /// <summary>A pooled connection turned out to be closed before anything was answered.</summary>
    StaleConnection,

    /// <summary>The connection broke while the request was being sent.</summary>
    Send,

    /// <summary>The connection ended before a complete response head.</summary>
    NoResponse,

    /// <summary>The response head, or the framing of the body, breaks RFC 9112 or RFC 9113.</summary>
    InvalidResponse,

    /// <summary>No response head within the time-out.</summary>
    Timeout,

    /// <summary>The body ended early, or the upstream reset it.</summary>
    ResponseBody,

    /// <summary>The upstream was silent for longer than the idle time-out within a body.</summary>
    ResponseIdle,

    /// <summary>The client closed the connection or reset the stream.</summary>
    ClientAborted,

    /// <summary>The client sent a body that breaks its framing.</summary>
    RequestBody,

    /// <summary>The client sent more body than is allowed.</summary>
    RequestTooLarge,

    /// <summary>The client sent its body too slowly.</summary>
    RequestTimeout,

    /// <summary>The client did not take the response for longer than the idle time-out.</summary>
    ClientIdle,

    /// <summary>The upstream answered an upgrade with something else than an upgrade or a final response.</summary>
    Upgrade,
}
