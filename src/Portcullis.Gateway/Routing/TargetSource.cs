namespace Portcullis.Gateway.Routing;

/// <summary>Where a request target comes from, which decides the forms it may have.</summary>
internal enum TargetSource
{
    /// <summary>The request line of HTTP/1.x: origin, absolute and asterisk form (RFC 9112 section 3.2).</summary>
    RequestLine,

    /// <summary>The <c>:path</c> of HTTP/2 or HTTP/3: origin and asterisk form only (RFC 9113 section 8.3.1).</summary>
    PathField,

    /// <summary>The <c>:path</c> of an extended CONNECT, which carries WebSocket over HTTP/2 (RFC 8441 section 4): origin form only.</summary>
    ExtendedConnect,
}
