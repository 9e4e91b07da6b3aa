namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Why this side closed a connection; the first reason stays.</summary>
internal enum EndReason
{
    None,

    /// <summary>The exchange is over and the connection is not to be used again.</summary>
    Done,

    /// <summary>The caller's token fired before the response head.</summary>
    Cancelled,

    /// <summary>The request can't be completed: the client's body failed.</summary>
    RequestFailed,

    /// <summary>The upstream was silent for too long within a body.</summary>
    UpstreamIdle,

    /// <summary>The client did not take the response for too long.</summary>
    ClientIdle,

    /// <summary>The client is gone.</summary>
    ClientGone,
}
