using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Sockets;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>The transports that forwarding tests run over.</summary>
public enum TransportKind
{
    /// <summary>SocketsHttpHandler, HTTP/1.1.</summary>
    SocketsHttp1,

    /// <summary>SocketsHttpHandler, HTTP/2.</summary>
    SocketsHttp2,

    /// <summary>The gateway's own HTTP/1.1 client.</summary>
    OwnHttp1,
}

/// <summary>Sets of transports for theories.</summary>
internal static class Transports
{
    public static TheoryData<TransportKind> All => [TransportKind.OwnHttp1, TransportKind.SocketsHttp1, TransportKind.SocketsHttp2];

    /// <summary>For upstreams whose octets a test writes itself.</summary>
    public static TheoryData<TransportKind> Http1 => [TransportKind.OwnHttp1, TransportKind.SocketsHttp1];

    public static UpstreamProtocol Protocol(this TransportKind kind)
        => kind == TransportKind.SocketsHttp2 ? UpstreamProtocol.Http2 : UpstreamProtocol.Http1;

    /// <summary>An upstream that speaks what the transport does.</summary>
    public static Task<TestUpstream> UpstreamAsync(
        this TransportKind kind,
        RequestDelegate handler,
        X509Certificate2? certificate = null,
        Action<HttpsConnectionAdapterOptions>? configureTls = null)
        => TestUpstream.StartAsync(handler, kind == TransportKind.SocketsHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1, certificate, configureTls);

    public static Func<UpstreamEndpoint, IUpstreamTransport> Factory(this TransportKind kind) => kind switch
    {
        TransportKind.SocketsHttp1 or TransportKind.SocketsHttp2 => static endpoint => new SocketsTransport(endpoint),
        TransportKind.OwnHttp1 => UpstreamTransports.Create,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
