using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Routing;

/// <summary>Routes as a configuration file writes them, asked for over sockets.</summary>
public sealed class RoutesOnTheWireTests : IAsyncLifetime
{
    private readonly TaskCompletionSource released = new();
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            if (context.Request.Path.StartsWithSegments("/slow", StringComparison.Ordinal)) await released.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync($"route={context.Request.Headers["X-Route"]}.");
        });
        string[] routes =
        [
            Route("exact", "hosts: [api.example.com], path: \"/{**rest}\""),
            Route("wildcard", "hosts: [\"*.example.com\"], path: \"/{**rest}\""),
            Route("any", "path: \"/{**rest}\""),
            Route("literal", "path: /items/list"),
            Route("variable", "path: \"/items/{id}\""),
            Route("post", "path: \"/items/{id}\", methods: [POST, PUT]"),
            Route("header-exact", "path: /header, headers: [{ name: X-Kind, exact: one }]"),
            Route("header-prefix", "path: /header, headers: [{ name: X-Kind, prefix: two- }, { name: X-More }]"),
            Route("header-regex", "path: /header/regex, headers: [{ name: X-Kind, regex: \"[a-c]+\" }]"),
            Route("header-absent", "path: /header/absent, headers: [{ name: Authorization, present: false }]"),
            Route("query", "path: /query, query: [{ name: version, exact: \"2\" }]"),
            Route("slow", "path: /slow", "timeout: 300ms, "),
        ];
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
              other: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"], retries: 0 }
            routes:
            {{string.Join('\n', routes)}}
              elsewhere: { match: { listeners: [other], path: /elsewhere }, cluster: upstream, policies: { authenticate: none, transform: { request: { set: { X-Route: elsewhere } } } } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        released.TrySetResult();
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/x", "api.example.com", "", "exact")]
    [InlineData("GET", "/x", "API.example.com.:8443", "", "exact")]
    [InlineData("GET", "/x", "a.b.example.com", "", "wildcard")]
    [InlineData("GET", "/x", "example.com", "", "any")]
    [InlineData("GET", "/items/list", "a", "", "literal")]
    [InlineData("GET", "/items/7", "a", "", "variable")]
    [InlineData("POST", "/items/7", "a", "", "post")]
    [InlineData("DELETE", "/items/7", "a", "", "variable")]
    [InlineData("GET", "/header", "a", "x-kind: one", "header-exact")]
    [InlineData("GET", "/header", "a", "X-Kind: One", "any")]
    [InlineData("GET", "/header", "a", "X-Kind: two-three\r\nX-More: x", "header-prefix")]
    [InlineData("GET", "/header", "a", "X-Kind: two-three", "any")]
    [InlineData("GET", "/header/regex", "a", "X-Kind: abcab", "header-regex")]
    [InlineData("GET", "/header/regex", "a", "X-Kind: abcd", "any")]
    [InlineData("GET", "/header/absent", "a", "", "header-absent")]
    [InlineData("GET", "/header/absent", "a", "Authorization: x", "any")]
    [InlineData("GET", "/query?version=2", "a", "", "query")]
    [InlineData("GET", "/query?Version=2", "a", "", "any")]
    [InlineData("GET", "/elsewhere", "a", "", "any")]
    public async Task The_most_specific_route_answers(string method, string target, string host, string field, string route)
    {
        var length = method == "POST" ? "Content-Length: 0\r\n" : string.Empty;
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), $"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{field}{(field.Length > 0 ? "\r\n" : "")}{length}Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains($"route={route}.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_of_another_listener_is_none()
    {
        Assert.Contains("route=elsewhere.", await GetAsync("other", "/elsewhere"), StringComparison.Ordinal);
        Assert.Contains("route=any.", await GetAsync("public", "/elsewhere"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_routes_own_timeout_is_shorter_than_its_clusters()
        => Assert.StartsWith("HTTP/1.1 504 ", await GetAsync("public", "/slow"), StringComparison.Ordinal);

    private Task<string> GetAsync(string listener, string path) => RawHttp.SendAsync(gateway.EndPoint(listener), $"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    private static string Route(string name, string match, string more = "")
        => $"  {name}: {{ match: {{ {match} }}, {more}cluster: upstream, policies: {{ authenticate: none, transform: {{ request: {{ set: {{ X-Route: {name} }} }} }} }} }}";
}
