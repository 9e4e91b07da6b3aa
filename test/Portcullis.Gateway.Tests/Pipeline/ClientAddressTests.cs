using System.Net;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Whose address counts, with and without a trusted proxy in between, and what becomes of those whom the listener's rules refuse.</summary>
public sealed class ClientAddressTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n";

    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.7", 403, "203.0.113.7")]
    [InlineData("127.0.0.0/8", "198.51.100.1", 404, "198.51.100.1")]
    [InlineData("127.0.0.0/8", "203.0.113.7, 198.51.100.1", 404, "198.51.100.1")]
    [InlineData("10.0.0.0/8", "203.0.113.7", 404, "127.0.0.1")]
    public async Task Denied_network_is_denied_behind_trusted_proxies_only(string trusted, string forwardedFor, int status, string recorded)
    {
        await using var gateway = await StartAsync($"trustedProxies: [\"{trusted}\"], firewall: {{ deny: [203.0.113.0/24] }}");
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.Client(version);
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/x")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            using var response = await client.SendAsync(request);
            Assert.Equal((HttpStatusCode)status, response.StatusCode);
        }

        Assert.All(await gateway.DecisionsAsync(2), record => Assert.Equal(recorded, record.GetProperty("address").GetString()));
    }

    [Theory]
    [InlineData("X-Forwarded-For: 198.51.100.1\r\n", 404, "named and allowed")]
    [InlineData("X-Forwarded-For: 203.0.113.7\r\n", 403, "named, and nobody allowed it")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\n", 403, "what the client wrote does not count")]
    [InlineData("X-Forwarded-For: unknown\r\n", 403, "nobody knows who it is")]
    [InlineData("X-Forwarded-For: 198.51.100.1, _hidden\r\n", 403, "nobody knows who it is")]
    [InlineData("", 404, "the proxy's own request")]
    public async Task Default_deny_holds_for_clients_behind_a_trusted_proxy(string field, int status, string why)
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1], firewall: { default: deny, allow: [198.51.100.0/24] }");
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"{Get}{field}Connection: close\r\n\r\n");

        Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{why}: {answer}");
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 198.51.100.2 1 2\r\n", "203.0.113.7")]
    [InlineData("PROXY TCP4 10.0.0.1 198.51.100.2 1 2\r\n", "192.0.2.66")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\0\0\0", "127.0.0.1")]
    public async Task Forwarded_fields_behind_a_proxy_header_are_believed_only_where_it_names_a_trusted_proxy(string header, string recorded)
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1, 10.0.0.0/8], proxyProtocol: required");
        await RawHttp.SendAsync(gateway.EndPoint(), $"{header}{Get}X-Forwarded-For: 192.0.2.66\r\nConnection: close\r\n\r\n");

        Assert.Equal(recorded, Assert.Single(await gateway.DecisionsAsync(1)).GetProperty("address").GetString());
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.1 192.0.2.2 1 2\r\n", "", true)]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.2 1 2\r\n", "", false)]
    [InlineData("PROXY UNKNOWN\r\n", "", false)]
    [InlineData("PROXY TCP4 10.0.0.1 192.0.2.2 1 2\r\n", "X-Forwarded-For: 198.51.100.1\r\n", true)]
    [InlineData("PROXY TCP4 10.0.0.1 192.0.2.2 1 2\r\n", "X-Forwarded-For: 203.0.113.7\r\n", false)]
    public async Task Default_deny_holds_for_clients_that_a_proxy_header_names(string header, string field, bool isServed)
    {
        await using var gateway = await StartAsync(
            "trustedProxies: [127.0.0.1, 10.0.0.0/8], proxyProtocol: required, firewall: { default: deny, allow: [198.51.100.0/24] }");
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"{header}{Get}{field}Connection: close\r\n\r\n");

        Assert.True(isServed ? answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal) : answer.Length == 0 || answer.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Clients_that_a_proxy_does_not_name_share_the_limit_of_one_address()
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1], proxyProtocol: required, limits: { connectionsPerAddress: 1 }");
        await using var first = await RawConnection.OpenAsync(gateway.EndPoint());
        await first.SendAsync($"PROXY UNKNOWN\r\n{Get}\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", await first.ReadResponseAsync(), StringComparison.Ordinal);

        Assert.Equal(string.Empty, await RawHttp.SendAsync(gateway.EndPoint(), $"PROXY UNKNOWN\r\n{Get}\r\n"));
    }

    [Theory]
    [InlineData("firewall: { deny: [127.0.0.1] }")]
    [InlineData("firewall: { default: deny }")]
    [InlineData("proxyProtocol: required, trustedProxies: [10.0.0.1]")]
    public async Task Connection_that_is_open_already_is_judged_by_the_rules_of_now(string rules)
    {
        await using var gateway = await StartAsync("firewall: { default: allow }");
        await using var http1 = await RawConnection.OpenAsync(gateway.EndPoint());
        await http1.SendAsync($"{Get}\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", await http1.ReadResponseAsync(), StringComparison.Ordinal);
        await using var http2 = await RawHttp2Client.ConnectAsync(gateway.EndPoint());
        Assert.Equal(404, (await http2.ExchangeAsync(1, RawHttp2Client.Request())).Status);

        Assert.Empty(await gateway.ApplyAsync(Configuration(rules)));

        await http1.SendAsync($"{Get}\r\n{Get}\r\n");
        var answer = await http1.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains("address.blocked", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
        var reply = await http2.ExchangeAsync(3, RawHttp2Client.Request());
        Assert.True(reply.Status == 403 || reply.GoAway is not null, reply.ToString());
    }

    [Fact]
    public async Task Proxy_that_is_no_longer_trusted_is_no_longer_believed_on_open_connections()
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1]");
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        var request = $"{Get}X-Forwarded-For: 192.0.2.66\r\n\r\n";
        await client.SendAsync(request);
        await client.ReadResponseAsync();

        Assert.Empty(await gateway.ApplyAsync(Configuration("trustedProxies: []")));
        await client.SendAsync(request);
        await client.ReadResponseAsync();

        Assert.Equal(["192.0.2.66", "127.0.0.1"], (await gateway.DecisionsAsync(2)).Select(record => record.GetProperty("address").GetString()));
    }

    [Fact]
    public async Task Proxy_header_of_a_proxy_that_is_no_longer_trusted_is_worth_nothing()
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1], proxyProtocol: required");
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        await client.SendAsync($"PROXY TCP4 198.51.100.1 192.0.2.2 1 2\r\n{Get}\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", await client.ReadResponseAsync(), StringComparison.Ordinal);

        Assert.Empty(await gateway.ApplyAsync(Configuration("trustedProxies: [10.0.0.1], proxyProtocol: required")));
        await client.SendAsync($"{Get}\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n")]
    [InlineData("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, Cookie\r\n")]
    public async Task Malformed_request_of_a_denied_client_ends_the_connection(string head)
    {
        await using var gateway = await StartAsync("trustedProxies: [127.0.0.1], firewall: { deny: [203.0.113.0/24] }");
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"{head}X-Forwarded-For: 203.0.113.7\r\n\r\n{Get}\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
    }

    private static Task<TestGateway> StartAsync(string rules) => TestGateway.StartAsync(Configuration(rules));

    private static string Configuration(string rules) =>
        $$"""
        listeners:
          public: { address: 127.0.0.1:0, {{rules}} }
        telemetry: { decisionLog: "{decisionLog}" }
        """;
}
