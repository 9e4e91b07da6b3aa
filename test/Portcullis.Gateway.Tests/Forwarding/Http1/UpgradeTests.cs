using System.Text;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

public sealed class UpgradeTests
{
    [Fact]
    public async Task Granted_upgrade_gives_a_stream_that_begins_right_after_the_head()
    {
        string? head = null;
        await using var server = new RawServer(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: x\r\n\r\nearly");
            await peer.WriteAsync(await peer.ReadAsync(4));
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request();
        request.Upgrade = "websocket";

        var result = await client.Transport.SendAsync(request, CancellationToken.None);
        await using var response = result.Response!;
        Assert.Equal(101, response.StatusCode);
        Assert.Contains("Connection: Upgrade\r\nUpgrade: websocket\r\n", head, StringComparison.Ordinal);
        var stream = response.UpgradedStream;
        var buffer = new byte[5];
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal("early", Encoding.ASCII.GetString(buffer));
        await stream.WriteAsync("ping"u8.ToArray());
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 4));
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, 4));
        Assert.Equal(0, await stream.ReadAsync(buffer));

        await response.DisposeAsync();
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Theory]
    [InlineData("Connection: Upgrade\r\nUpgrade: h2c\r\n", ForwardError.Upgrade)]
    [InlineData("Connection: Upgrade\r\n", ForwardError.Upgrade)]
    [InlineData("Upgrade: websocket\r\n", ForwardError.Upgrade)]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n", ForwardError.Upgrade)]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n", ForwardError.InvalidResponse)]
    public async Task Upgrade_to_something_else_than_asked_is_an_error(string fields, ForwardError error)
    {
        await using var server = RawServer.Answering($"HTTP/1.1 101 Switching\r\n{fields}\r\n");
        await using var client = new TestClient(server);
        var request = TestClient.Request();
        request.Upgrade = "websocket";

        Assert.Equal(error, (await client.SendAsync(request)).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Refused_upgrade_is_an_ordinary_response()
    {
        await using var server = RawServer.Answering("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        await using var client = new TestClient(server);
        var request = TestClient.Request();
        request.Upgrade = "websocket";

        var result = await client.Transport.SendAsync(request, CancellationToken.None);
        await using var response = result.Response!;

        Assert.Equal(403, response.StatusCode);
        Assert.Throws<InvalidOperationException>(() => response.UpgradedStream);
    }
}
