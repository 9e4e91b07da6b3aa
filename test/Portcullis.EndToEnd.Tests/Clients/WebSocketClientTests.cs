using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Clients;

[Collection(nameof(SharedNodeTests))]
public sealed class WebSocketClientTests(SharedNode shared)
{
    private readonly Node node = shared.Node;

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", false)]
    [InlineData("2.0", true)]
    public async Task Messages_go_both_ways_and_the_close_is_clean(string version, bool isTls)
    {
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket { Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        var address = new UriBuilder(isTls ? node.Tls("/open/socket") : node.Plain("/open/socket")) { Scheme = isTls ? "wss" : "ws" }.Uri;

        await socket.ConnectAsync(address, invoker, timeout.Token);
        foreach (var size in (int[])[0, 1, 125, 126, 65_000])
        {
            var sent = RandomNumberGenerator.GetBytes(size);
            await socket.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, timeout.Token);
            Assert.Equal(sent, await ReceiveAsync(socket, timeout.Token));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", timeout.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return message.ToArray();
        }
    }
}
