namespace Portcullis.Gateway.Connections.Http1;

/// <summary>How the end of a response's body is known to the client (RFC 9112 §6.3).</summary>
internal enum ResponseFraming
{
    /// <summary>There is no body: HEAD, 204, 304. What is written of one is dropped.</summary>
    None,

    Length,

    Chunked,

    /// <summary>By the end of the connection: HTTP/1.0.</summary>
    UntilClose,

    /// <summary>101: what follows is not HTTP/1.1.</summary>
    Upgraded,
}
