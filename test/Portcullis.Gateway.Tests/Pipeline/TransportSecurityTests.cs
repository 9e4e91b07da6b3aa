using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>A listener's <c>strictTransportSecurity</c>: on every answer over https, and on none over http.</summary>
public sealed class TransportSecurityTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context =>
        {
            if (context.Request.Path == "/own") context.Response.Headers.StrictTransportSecurity = "max-age=7";
            return context.Response.WriteAsync("hello");
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0, tls: {}, strictTransportSecurity: max-age=1000 }
              silent: { address: 127.0.0.1:0, tls: {} }
              proxied: { address: 127.0.0.1:0, trustedProxies: [127.0.0.1], strictTransportSecurity: max-age=1000 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              bare: { match: { path: /bare }, cluster: upstream, policies: { authenticate: none } }
              own: { match: { path: /own }, cluster: upstream, policies: { authenticate: none } }
              policy: { match: { path: /policy }, cluster: upstream, policies: { authenticate: none, headers: api } }
            identity: { issuer: "https://issuer.example" }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("public", "/bare", "max-age=1000")]
    [InlineData("public", "/own", "max-age=7")]
    [InlineData("public", "/policy", "max-age=31536000")]
    [InlineData("public", "/nowhere", "max-age=1000")]
    [InlineData("public", "/.well-known/jwks.json", "max-age=1000")]
    [InlineData("silent", "/nowhere", null)]
    [InlineData("proxied", "/bare", null)]
    public async Task Every_answer_over_https_has_it_once(string listener, string path, string? expected)
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.Client(version);
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address(path, listener)) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await client.SendAsync(request);

            Assert.Equal(expected is null ? [] : [expected], response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values : []);
        }
    }

    [Fact]
    public async Task Answer_over_https_in_front_of_a_trusted_proxy_has_it()
    {
        var answer = await RawHttp.SendAsync(gateway.EndPoint("proxied"), "GET /bare HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n");

        Assert.Contains("Strict-Transport-Security: max-age=1000\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_of_the_parser_has_it()
    {
        await using var client = await RawConnection.OpenTlsAsync(gateway.EndPoint(), RawConnection.TlsOptions("localhost", SslApplicationProtocol.Http11));
        await client.SendAsync("GET / HTTP/1.1\r\nBad Field\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Strict-Transport-Security: max-age=1000\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls: {}, strictTransportSecurity: always")]
    [InlineData("tls: {}, strictTransportSecurity: \"max-age=1\\u00e9\"")]
    [InlineData("strictTransportSecurity: max-age=1000")]
    public void Value_that_says_nothing_is_an_error(string listener)
        => Assert.True(gateway.Load($"listeners: {{ public: {{ address: 127.0.0.1:0, {listener} }} }}").Problems.HasErrors);
}
