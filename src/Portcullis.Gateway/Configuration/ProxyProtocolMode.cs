namespace Portcullis.Gateway.Configuration;

/// <summary>Whether connections from trusted proxies begin with a PROXY protocol header, version 1 or 2.</summary>
public enum ProxyProtocolMode
{
    /// <summary>Never: a header is malformed HTTP or TLS like any other garbage.</summary>
    None,

    /// <summary>
    /// Read when a trusted proxy sends it. From other addresses it is garbage. Not for a proxy that relays octets and sends no header: its
    /// clients would write one.
    /// </summary>
    Optional,

    /// <summary>A trusted proxy must send it, and nobody but trusted proxies may connect.</summary>
    Required,
}
