using System.Net;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Whose address counts, with and without a trusted proxy in between.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.7", 403, "203.0.113.7")]
    [InlineData("127.0.0.0/8", "198.51.100.1", 404, "198.51.100.1")]
    [InlineData("127.0.0.0/8", "203.0.113.7, 198.51.100.1", 404, "198.51.100.1")]
    [InlineData("10.0.0.0/8", "203.0.113.7", 404, "127.0.0.1")]
    public async Task Denied_network_is_denied_behind_trusted_proxies_only(string trusted, string forwardedFor, int status, string recorded)
    {
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public:
                address: 127.0.0.1:0
                trustedProxies: ["{{trusted}}"]
                firewall: { deny: [203.0.113.0/24] }
            telemetry: { decisionLog: "{decisionLog}" }
            """);
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/x"));
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var response = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(recorded, Assert.Single(await gateway.DecisionsAsync(1)).GetProperty("address").GetString());
    }
}
