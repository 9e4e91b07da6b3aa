using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Connections;

/// <summary>Why a connection was turned away, or cut, without an HTTP answer.</summary>
public enum ConnectionRefusal
{
    /// <summary>The firewall does not let the address in.</summary>
    Firewall,

    /// <summary>The listener has as many connections as it may.</summary>
    ConnectionLimit,

    /// <summary>The address has as many connections as it may.</summary>
    AddressLimit,

    /// <summary>A PROXY header from a trusted proxy was malformed, missing though required, or late.</summary>
    ProxyHeader,

    /// <summary>The first bytes did not come in time.</summary>
    FirstBytes,

    /// <summary>The TLS handshake failed or took too long.</summary>
    Handshake,

    /// <summary>An HTTP/2 client sent more resets, control or empty frames than it may.</summary>
    Http2Flood,
}
