using System.Net;
using System.Net.WebSockets;
using System.Text;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Cors;

/// <summary>Preflights and WebSockets of pages, over both versions of HTTP.</summary>
public sealed class CorsOnTheWireTests : IAsyncLifetime
{
    private const string App = "https://app.example.com";

    private int requests;
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public static TheoryData<bool> Versions => [false, true];

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            Interlocked.Increment(ref requests);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              chat:
                match: { path: /chat, methods: [GET, PUT] }
                cluster: upstream
                policies:
                  authenticate: none
                  cors: { origins: ["{{App}}"] }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData(false, App, 204)]
    [InlineData(true, App, 204)]
    [InlineData(false, "https://evil.example", 403)]
    [InlineData(true, "https://evil.example", 403)]
    public async Task Preflight_is_answered_by_the_gateway(bool isHttp2, string origin, int status)
    {
        var version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        using var client = gateway.Client(version);
        using var request = new HttpRequestMessage(HttpMethod.Options, gateway.Address("/chat")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        using var response = await client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(version, response.Version);
        Assert.Equal(origin == App ? [App] : [], response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed : []);
        Assert.Equal(0, requests);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Page_of_an_allowed_origin_opens_a_websocket(bool isHttp2)
    {
        using var socket = await ConnectAsync(isHttp2, App);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WithPatience();

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Page_of_another_origin_opens_none(bool isHttp2)
    {
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(isHttp2, "https://evil.example"));

        Assert.Equal(0, requests);
    }

    private async Task<ClientWebSocket> ConnectAsync(bool isHttp2, string origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.HttpVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            await socket.ConnectAsync(new UriBuilder(gateway.Address("/chat")) { Scheme = "ws" }.Uri, invoker, patience.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
