namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>How the end of a response's body is known (RFC 9112 §6.3).</summary>
internal enum BodyFraming
{
    None,
    Length,
    Chunked,
    UntilClose,

    /// <summary>101: what follows is not HTTP/1.1.</summary>
    Upgraded,
}
