using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class WebSocketTests
{
    public static TheoryData<TransportKind, bool> Ways()
    {
        var data = new TheoryData<TransportKind, bool>();
        foreach (var kind in Transports.All)
        {
            data.Add(kind, false);
            data.Add(kind, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Messages_pass_both_ways_whatever_version_each_side_speaks(TransportKind kind, bool clientSpeaksHttp2)
    {
        await using var upstream = await kind.UpstreamAsync(EchoAsync);
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        using var socket = new ClientWebSocket();
        if (clientSpeaksHttp2)
        {
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await socket.ConnectAsync(new UriBuilder(gateway.Url) { Scheme = "ws" }.Uri, invoker, patience.Token);
        var buffer = new byte[70_000];
        foreach (var length in new[] { 1, 125, 126, 65_536 })
        {
            var sent = Encoding.ASCII.GetBytes(new string('x', length));
            await socket.SendAsync(sent, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            var received = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(received), patience.Token);
                received += result.Count;
            }
            while (!result.EndOfMessage);
            Assert.Equal(sent, buffer[..received]);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", patience.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Theory]
    [InlineData(TransportKind.Http1)]
    [InlineData(TransportKind.Http2)]
    public async Task Upstream_may_decline_an_upgrade(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("no");
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_upgrades_are_not_passed_on()
    {
        string? upgrade = "unasked";
        await using var upstream = await TransportKind.Http1.UpstreamAsync(context =>
        {
            upgrade = context.Request.Headers.Upgrade.ToString();
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(string.Empty, upgrade);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, CancellationToken.None);
        }
    }
}
