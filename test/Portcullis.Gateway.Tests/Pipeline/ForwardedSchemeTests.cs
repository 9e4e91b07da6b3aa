using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Scheme and trace as the upstream is told them, and what follows from the scheme on the way back.</summary>
public sealed class ForwardedSchemeTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(
            $"proto={context.Request.Headers["X-Forwarded-Proto"]} parent={context.Request.Headers.TraceParent} state={context.Request.Headers.TraceState}."));
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
              trusting: { address: 127.0.0.1:0, trustedProxies: [127.0.0.1] }
              encrypted: { address: 127.0.0.1:0, tls: {} }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              all: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none, headers: api } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("public", "https", "http")]
    [InlineData("trusting", "https", "https")]
    [InlineData("trusting", "http", "http")]
    [InlineData("trusting", "gopher", "http")]
    [InlineData("encrypted", "http", "https")]
    public async Task Upstream_is_told_the_scheme_of_the_client_and_hsts_follows_it(string listener, string claimed, string told)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/", listener));
        request.Headers.Add("X-Forwarded-Proto", claimed);
        using var response = await client.SendAsync(request);

        Assert.StartsWith($"proto={told} ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(told == "https", response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Trace_of_the_client_goes_on_at_the_upstream()
    {
        const string Id = "0af7651916cd43dd8448eb211c80319c";
        var answer = await GetAsync($"traceparent: 00-{Id}-b7ad6b7169203331-01\r\ntracestate: congo=t61rcWkgMzE,rojo=00f067aa0ba902b7\r\n");

        Assert.Contains($"parent=00-{Id}-", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", answer, StringComparison.Ordinal);
        Assert.Contains("state=congo=t61rcWkgMzE,rojo=00f067aa0ba902b7.", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tracestate: congo=t61rcWkgMzE\r\n")]
    [InlineData("traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\ntracestate: congo=t61rcWkgMzE\r\n")]
    public async Task Trace_begins_here_where_the_client_has_none(string fields)
    {
        var answer = await GetAsync(fields);

        Assert.Matches("parent=00-[0-9a-f]{32}-[0-9a-f]{16}-02 state=\\.", answer);
        Assert.DoesNotContain("00000000000000000000000000000000", answer, StringComparison.Ordinal);
    }

    private Task<string> GetAsync(string fields) => RawHttp.SendAsync(gateway.EndPoint(), $"GET / HTTP/1.1\r\nHost: a\r\n{fields}Connection: close\r\n\r\n");
}
