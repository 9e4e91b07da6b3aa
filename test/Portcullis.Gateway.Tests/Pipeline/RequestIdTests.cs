using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Every answer, whoever made it, carries the id of its request once: the one in the decision log, and never an upstream's.</summary>
public sealed class RequestIdTests : IAsyncLifetime
{
    private const string Name = "X-Request-Id";

    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.Headers[Name] = new[] { "ours", "of the upstream" };
            if (context.WebSockets.IsWebSocketRequest)
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.ReceiveAsync(new byte[1], context.RequestAborted);
                return;
            }

            if (context.Request.Path == "/app/gone") context.Abort();
            if (context.Request.Path == "/app/same") context.Response.StatusCode = StatusCodes.Status304NotModified;
            else await context.Response.WriteAsync("hello");
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0, limits: { bodyBytes: 1KiB } }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"], retries: 0 }
            routes:
              app: { match: { path: "/app/{**rest}" }, cluster: upstream, policies: { authenticate: none, headers: api, cors: { origins: ["https://a.example"] } } }
              private: { match: { path: /private }, cluster: upstream, policies: { authenticate: token, authorize: authenticated } }
              moved: { match: { path: /moved }, redirect: {}, policies: { authenticate: none } }
            identity: { issuer: "https://issuer.example" }
            telemetry: { decisionLog: "{decisionLog}" }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/app/x", 200)]
    [InlineData("HEAD", "/app/x", 200)]
    [InlineData("GET", "/app/same", 304)]
    [InlineData("GET", "/app/gone", 502)]
    [InlineData("POST", "/app/x", 413)]
    [InlineData("OPTIONS", "/app/x", 204)]
    [InlineData("GET", "/private", 401)]
    [InlineData("GET", "/moved", 308)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/.well-known/jwks.json", 200)]
    [InlineData("GET", "/.well-known/oauth-authorization-server", 200)]
    [InlineData("GET", "/oauth/token", 404)]
    [InlineData("POST", "/oauth/token", 401)]
    public async Task Every_answer_carries_the_id_of_its_request_alone(string method, string path, int status)
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = gateway.Client(version);
            using var request = new HttpRequestMessage(new HttpMethod(method), gateway.Address(path)) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add(Name, "of the client");
            request.Headers.Add("Origin", "https://a.example");
            if (method == "OPTIONS") request.Headers.Add("Access-Control-Request-Method", "GET");
            if (path == "/oauth/token" && method == "POST") request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "a"), new("client_secret", "b")]);
            else if (method == "POST") request.Content = new ByteArrayContent(new byte[1025]);
            using var response = await client.SendAsync(request);

            Assert.Equal((HttpStatusCode)status, response.StatusCode);
            await IsOfTheLastRequestAsync(version == HttpVersion.Version11 ? 1 : 2, response.Headers.GetValues(Name));
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Granted_WebSocket_carries_it(string version)
    {
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = Version.Parse(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.CollectHttpResponseDetails = true;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        await client.ConnectAsync(new UriBuilder(gateway.Address("/app/socket")) { Scheme = "ws" }.Uri, invoker, TestContext.Current.CancellationToken).WithPatience();
        client.Abort();

        await IsOfTheLastRequestAsync(1, client.HttpResponseHeaders![Name]);
    }

    [Theory]
    [InlineData("GET /app/x HTTP/1.0\r\n\r\n", 200)]
    [InlineData("GET /app/x HTTP/1.1\r\nHost: a\r\nBad Field\r\n\r\n", 400)]
    [InlineData("GET /app/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("NONSENSE\r\n\r\n", 400)]
    [InlineData("POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400)]
    public async Task Answer_to_what_is_no_request_carries_one_too(string octets, int status)
    {
        var answer = await RawHttp.SendAsync(gateway.EndPoint(), octets);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        var prefix = Name + ": ";
        await IsOfTheLastRequestAsync(1, answer.Split("\r\n").Where(line => line.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Select(line => line[prefix.Length..]));
    }

    private async Task IsOfTheLastRequestAsync(int number, IEnumerable<string> ids)
    {
        var id = Assert.Single(ids);
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, (await gateway.DecisionsAsync(number))[number - 1].GetProperty("requestId").GetString());
    }
}
