using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>What is routed is what the upstream sees, whatever the client wrote.</summary>
public sealed class TargetReadingTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(
        $"target={context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} host={context.Request.Headers.Host} forwarded={context.Request.Headers["X-Forwarded-Host"]}."));

    public ValueTask DisposeAsync() => upstream.DisposeAsync();

    [Theory]
    [InlineData("keep", "/files/a%2fb", 200, "target=/files/a%2Fb ")]
    [InlineData("keep", "/admin%2Fusers", 400, "request.malformed")]
    [InlineData("keep", "/%2fadmin/users", 400, "request.malformed")]
    [InlineData("keep", "/files%5Cb", 400, "request.malformed")]
    [InlineData("keep", "/files/..%2fadmin", 400, "request.malformed")]
    [InlineData("refuse", "/files/a%2Fb", 400, "request.malformed")]
    public async Task Encoded_slashes_lead_past_no_route(string mode, string path, int status, string said)
    {
        await using var gateway = await StartAsync($"encodedSlashes: {mode}");
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(said, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("API.Example.COM", "api.example.com")]
    [InlineData("api.example.com.", "api.example.com")]
    [InlineData("API.example.com.:1", "api.example.com:1")]
    [InlineData("api.example.com:8443", "api.example.com:8443")]
    [InlineData("[2001:DB8::0:1]:80", "[2001:db8::1]:80")]
    public async Task Upstream_is_told_the_host_that_was_routed(string sent, string told)
    {
        await using var gateway = await StartAsync("encodedSlashes: refuse");
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"GET /files/x HTTP/1.1\r\nHost: {sent}\r\nConnection: close\r\n\r\n");

        Assert.Contains($"host={told} forwarded={told}.", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trustedProxies: [127.0.0.1]")]
    public async Task Host_that_a_proxy_reports_is_neither_routed_by_nor_passed_on(string listener)
    {
        await using var gateway = await TestGateway.StartAsync(Configuration(listener) + $$"""

              evil: { match: { hosts: [evil.example], path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
            """);
        var answer = await RawHttp.SendAsync(
            gateway.EndPoint(), "GET /files/x HTTP/1.1\r\nHost: api.example.com\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: 192.0.2.66\r\nConnection: close\r\n\r\n");

        Assert.Contains("target=/files/x host=api.example.com forwarded=api.example.com.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kept_encoded_slashes_are_warned_of()
    {
        await using var gateway = await StartAsync("encodedSlashes: keep");
        Assert.Contains(gateway.Load(Configuration("encodedSlashes: keep")).Problems.All, problem => problem.ToString().Contains("listeners.public.encodedSlashes", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Load(Configuration("encodedSlashes: refuse")).Problems.All, problem => problem.ToString().Contains("encodedSlashes", StringComparison.Ordinal));
    }

    private Task<TestGateway> StartAsync(string listener) => TestGateway.StartAsync(Configuration(listener));

    private string Configuration(string listener) =>
        $$"""
        listeners:
          public: { address: 127.0.0.1:0, {{listener}} }
        clusters:
          upstream: { destinations: ["{{upstream.Url}}"], preserveHost: true }
        routes:
          all: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
          admins: { match: { path: "/admin/{**rest}" }, cluster: upstream, policies: { authenticate: none, firewall: { default: deny } } }
        """;
}
