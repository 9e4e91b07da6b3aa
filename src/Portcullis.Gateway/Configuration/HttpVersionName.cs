namespace Portcullis.Gateway.Configuration;

/// <summary>A version of HTTP that a listener speaks.</summary>
public enum HttpVersionName
{
    /// <summary>HTTP/1.1 and 1.0 (RFC 9112).</summary>
    Http1,

    /// <summary>HTTP/2 (RFC 9113): by ALPN on TLS listeners, by prior knowledge on plain ones.</summary>
    Http2,
}
