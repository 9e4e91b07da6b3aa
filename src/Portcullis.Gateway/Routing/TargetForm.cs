namespace Portcullis.Gateway.Routing;

/// <summary>How the client wrote the request target (RFC 9112 section 3.2).</summary>
public enum TargetForm
{
    /// <summary>No target: the value of <c>default(RequestTarget)</c>; matches no route.</summary>
    None,

    /// <summary>Path and query, the usual form.</summary>
    Origin,

    /// <summary>A whole URI whose authority equals <c>Host</c>; already reduced to path and query.</summary>
    Absolute,

    /// <summary><c>OPTIONS *</c>: about the server itself; never routed, never forwarded.</summary>
    Asterisk,
}
