using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Http1;
using Portcullis.Gateway.Forwarding.Sockets;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Chooses the transport of a destination.</summary>
internal static class UpstreamTransports
{
    /// <summary>The gateway's own client for HTTP/1.1, <see cref="System.Net.Http.SocketsHttpHandler"/> for HTTP/2.</summary>
    public static IUpstreamTransport Create(UpstreamEndpoint endpoint) => endpoint.Protocol == UpstreamProtocol.Http2
        ? new SocketsTransport(endpoint)
        : new Http1Transport(endpoint);
}
