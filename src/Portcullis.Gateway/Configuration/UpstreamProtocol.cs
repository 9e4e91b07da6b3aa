namespace Portcullis.Gateway.Configuration;

/// <summary>The HTTP version spoken to destinations.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/1.1 over pooled connections.</summary>
    Http1,

    /// <summary>HTTP/2 only: by ALPN on https, by prior knowledge on http. gRPC needs it.</summary>
    Http2,
}
