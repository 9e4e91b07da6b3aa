using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>A proxy that the process's environment names would see what goes to upstreams, credentials included: the gateway asks the destinations themselves.</summary>
public sealed class ProxyVariablesTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, "http1")]
    [InlineData(HttpProtocols.Http2, "http2")]
    public async Task A_proxy_of_the_environment_sees_nothing(HttpProtocols protocols, string protocol)
    {
        await using var upstream = await Upstream.StartAsync(protocols);
        using var bait = new TcpListener(IPAddress.Loopback, 0);
        bait.Start();
        var proxy = $"http://{bait.LocalEndpoint}";
        var environment = new[] { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy" }.ToDictionary(name => name, _ => proxy, StringComparer.Ordinal);
        environment["NO_PROXY"] = environment["no_proxy"] = string.Empty;
        await using var node = await Node.StartAsync(
            $$"""
            data: ./data
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
            clusters:
              main: { destinations: ["{{upstream.Url}}"], protocol: {{protocol}} }
            routes:
              all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
            """,
            environment);

        using var response = await node.GetAsync(node.Plain("/direct"));

        Assert.Equal("GET /direct", await response.Content.ReadAsStringAsync());
        Assert.False(bait.Pending());
    }
}
