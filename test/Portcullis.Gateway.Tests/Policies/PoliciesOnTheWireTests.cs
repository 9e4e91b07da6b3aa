using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Policies.Headers;

namespace Portcullis.Gateway.Tests.Policies;

/// <summary>All policies together, over real sockets, as a configuration file writes them.</summary>
public sealed class PoliciesOnTheWireTests : IAsyncLifetime
{
    private const string App = "https://app.example.com";

    private readonly List<string> seen = [];
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context =>
        {
            lock (seen) seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} tenant={context.Request.Headers["X-Tenant"]} authorization={context.Request.Headers.Authorization}");
            context.Response.Headers.Server = "upstream/1.2.3";
            context.Response.Headers["X-Internal"] = "secret";
            context.Response.Headers.AccessControlAllowOrigin = "*";
            return context.Response.WriteAsync("ok");
        });
        gateway = await TestGateway.StartAsync(Configuration());
        client = gateway.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task An_allowed_request_passes_all_policies_and_reaches_the_upstream_as_shaped()
    {
        using var response = await Send("POST", "/orders/7?x=1", await gateway.TokenAsync("orders:write"), App);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["POST /v2/7?x=1 tenant=blue authorization=Basic abc"], Seen());
        Assert.Equal(App, Field(response, "Access-Control-Allow-Origin"));
        Assert.Equal("\"caller\";r=1;t=1800", Field(response, "RateLimit"));
        Assert.Equal("\"address\";q=50;w=1, \"caller\";q=2;w=3600", Field(response, "RateLimit-Policy"));
        Assert.Null(Field(response, "Server"));
        Assert.Null(Field(response, "X-Internal"));
        Assert.InRange(Observatory.Score(Fields(response)), 100, 145);
    }

    [Fact]
    public async Task A_preflight_for_a_route_that_matches_no_OPTIONS_is_answered_without_a_token_and_without_the_upstream()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, gateway.Address("/orders/7"));
        request.Headers.Add("Origin", App);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(App, Field(response, "Access-Control-Allow-Origin"));
        Assert.Equal("POST", Field(response, "Access-Control-Allow-Methods"));
        Assert.Equal("Authorization, Content-Type", Field(response, "Access-Control-Allow-Headers"));
        Assert.Equal("nosniff", Field(response, "X-Content-Type-Options"));
        Assert.Empty(Seen());
    }

    [Theory]
    [InlineData("/orders/7", App, "DELETE")]
    [InlineData("/orders/7", App, null)]
    [InlineData("/orders/7", null, "POST")]
    [InlineData("/open", App, "POST")]
    public async Task OPTIONS_gets_to_no_upstream_of_a_route_that_does_not_match_it(string path, string? origin, string? asksFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, gateway.Address(path));
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (asksFor is not null) request.Headers.Add("Access-Control-Request-Method", asksFor);

        using var response = await client.SendAsync(request);

        Assert.InRange((int)response.StatusCode, 400, 405);
        Assert.Empty(Seen());
    }

    [Fact]
    public async Task A_caller_over_its_limit_is_refused_also_after_a_reload_and_another_is_not()
    {
        var token = await gateway.TokenAsync("orders:write");
        for (var i = 0; i < 2; i++) (await Send("POST", "/orders/7", token)).Dispose();
        Assert.Empty(await gateway.ApplyAsync(Configuration()));

        using var refused = await Send("POST", "/orders/7", token);
        using var other = await Send("POST", "/orders/7", await gateway.TokenAsync("orders:write"));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1790, 1800);
        Assert.StartsWith("\"caller\";r=0;t=", Field(refused, "RateLimit"), StringComparison.Ordinal);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal("limit.exceeded", problem.RootElement.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_caller_without_the_permission_is_told_the_scope()
    {
        using var response = await Send("POST", "/orders/7", await gateway.TokenAsync("orders:read"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"orders:write\"", Field(response, "WWW-Authenticate"));
        Assert.Empty(Seen());
    }

    [Fact]
    public async Task Who_has_no_token_is_told_so_with_the_routes_fields()
    {
        using var response = await Send("POST", "/orders/7", null, App);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(App, Field(response, "Access-Control-Allow-Origin"));
        Assert.StartsWith("\"address\";r=49;", Field(response, "RateLimit"), StringComparison.Ordinal);
        Assert.InRange(Observatory.Score(Fields(response)), 100, 145);
    }

    [Fact]
    public async Task A_page_of_another_origin_cannot_post_even_with_a_token()
    {
        using var response = await Send("POST", "/orders/7", await gateway.TokenAsync("orders:write"), "https://app.example.com.evil.org");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("origin.denied", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Seen());
    }

    [Fact]
    public async Task An_address_that_the_route_is_not_for_is_refused()
    {
        using var response = await client.GetAsync(gateway.Address("/closed"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("address.blocked", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Seen());
    }

    [Fact]
    public async Task A_limit_by_route_is_one_for_all_callers_and_addresses_and_none_of_another_routes()
    {
        for (var i = 0; i < 3; i++)
        {
            using var served = await FromAsync($"127.0.0.{i + 2}", "/busy/7");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        using var refused = await FromAsync("127.0.0.5", "/busy/7");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("limit.exceeded", await refused.CodeAsync());
        Assert.Equal(3, Seen().Count);
        using var other = await FromAsync("127.0.0.5", "/stripped/7");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("/stripped/7?x=/stripped", "/7?x=/stripped")]
    [InlineData("/stripped/a%20b/stripped/c", "/a%20b/stripped/c")]
    [InlineData("/stripped", "/")]
    [InlineData("/prefixed/7?x=1", "/v1/prefixed/7?x=1")]
    [InlineData("/replaced/7/replaced", "/v2/7/replaced")]
    [InlineData("/replaced", "/v2")]
    public async Task A_path_reaches_the_upstream_with_its_prefix_stripped_set_or_replaced(string asked, string reached)
    {
        using var response = await client.GetAsync(gateway.Address(asked));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([$"GET {reached} tenant= authorization="], Seen());
    }

    private string Configuration() => $$"""
        listeners: { public: { address: "127.0.0.1:0", tls: {} } }
        clusters: { orders: { destinations: ["{{upstream.Url}}"] } }
        identity: { issuer: "https://127.0.0.1" }
        routes:
          orders:
            match: { path: "/orders/{id}", methods: [POST] }
            cluster: orders
            policies:
              authenticate: token
              authorize: { permissions: [orders:write] }
              rateLimit: [ { by: address, limit: 50, period: 1s }, { by: caller, limit: 2, period: 1h }, { by: route, limit: 1000, period: 1s } ]
              cors: "{{App}}"
              headers: strict
              firewall: { default: deny, allow: [127.0.0.0/8] }
              transform:
                request: { set: { X-Tenant: blue }, setSecret: { Authorization: "Basic abc" } }
                response: { remove: [X-Internal] }
                path: { template: "/v2/{id}" }
          open:
            match: { path: /open, methods: [POST] }
            cluster: orders
            policies: { authenticate: none }
          busy:
            match: { path: "/busy/{id}" }
            cluster: orders
            policies: { authenticate: none, rateLimit: { by: route, limit: 3, period: 1h } }
          stripped:
            match: { path: "/stripped/{**rest}" }
            cluster: orders
            policies: { authenticate: none, transform: { path: { strip: /stripped } } }
          prefixed:
            match: { path: "/prefixed/{**rest}" }
            cluster: orders
            policies: { authenticate: none, transform: { path: { prefix: /, replacement: /v1 } } }
          replaced:
            match: { path: "/replaced/{**rest}" }
            cluster: orders
            policies: { authenticate: none, transform: { path: { prefix: /replaced, replacement: /v2 } } }
          closed:
            match: { path: /closed }
            cluster: orders
            policies: { authenticate: none, firewall: { default: deny, allow: [10.0.0.0/8] } }
        """;

    private async Task<HttpResponseMessage> Send(string method, string path, string? token, string? origin = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), gateway.Address(path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (origin is not null) request.Headers.Add("Origin", origin);
        return await client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> FromAsync(string address, string path)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var stranger = new HttpClient(handler) { Timeout = Eventually.Patience };
        return await stranger.GetAsync(gateway.Address(path));
    }

    private List<string> Seen()
    {
        lock (seen) return [.. seen];
    }

    private static string? Field(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static HeaderDictionary Fields(HttpResponseMessage response)
    {
        var fields = new HeaderDictionary();
        foreach (var (name, values) in response.Headers) fields[name] = string.Join(", ", values);
        return fields;
    }
}
