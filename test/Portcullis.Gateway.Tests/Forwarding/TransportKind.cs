using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>The transports that forwarding tests run over.</summary>
public enum TransportKind
{
    /// <summary>The gateway's own client.</summary>
    Http1,

    /// <summary>SocketsHttpHandler.</summary>
    Http2,
}

/// <summary>Sets of transports for theories.</summary>
internal static class Transports
{
    public static TheoryData<TransportKind> All => [TransportKind.Http1, TransportKind.Http2];

    public static UpstreamProtocol Protocol(this TransportKind kind)
        => kind == TransportKind.Http2 ? UpstreamProtocol.Http2 : UpstreamProtocol.Http1;

    /// <summary>An upstream that speaks what the transport does.</summary>
    public static Task<TestUpstream> UpstreamAsync(
        this TransportKind kind,
        RequestDelegate handler,
        X509Certificate2? certificate = null,
        Action<HttpsConnectionAdapterOptions>? configureTls = null)
        => TestUpstream.StartAsync(handler, kind == TransportKind.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1, certificate, configureTls);
}
