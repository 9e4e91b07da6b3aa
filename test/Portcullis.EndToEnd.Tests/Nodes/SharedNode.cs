using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>One gateway for all tests that only send requests.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    internal Node Node { get; private set; } = null!;

    private Upstream http1 = null!;
    private Upstream http2 = null!;

    public async ValueTask InitializeAsync()
    {
        http1 = await Upstream.StartAsync();
        http2 = await Upstream.StartAsync(HttpProtocols.Http2);
        Node = await Node.StartAsync(
            $$"""
            data: ./data
            listeners:
              plain: { address: "{plain}" }
              secure: { address: "{tls}", tls: {} }
            admin: { address: "{admin}" }
            clusters:
              main: { destinations: ["{{http1.Url}}"] }
              grpc: { destinations: ["{{http2.Url}}"], protocol: http2 }
            routes:
              open: { match: { path: "/open/{**rest}" }, cluster: main, policies: { authenticate: none } }
              grpc: { match: { path: "/grpc" }, cluster: grpc, policies: { authenticate: none } }
              closed: { match: { path: "/closed" }, cluster: main, policies: { authenticate: token, authorize: { permissions: [orders:read] } } }
            identity:
              issuer: "https://{tls}"
              accessToken: { algorithm: ES256 }
            telemetry:
              decisionLog: decisions.jsonl
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null) await Node.DisposeAsync();
        await http1.DisposeAsync();
        await http2.DisposeAsync();
    }
}
