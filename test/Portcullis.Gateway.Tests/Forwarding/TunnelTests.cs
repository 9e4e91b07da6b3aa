using System.Text;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>How upgraded connections end. None may outlive its exchange, nor count as a failure inside the gateway.</summary>
public sealed class TunnelTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    [Fact]
    public async Task Upstream_that_resets_ends_the_client_too()
    {
        var ready = new TaskCompletionSource<RawUpstreamConnection>();
        await using var upstream = Upgrading(async connection =>
        {
            ready.SetResult(connection);
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await OpenAsync(gateway);
        (await ready.Task.WithPatience()).Reset();
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        await EndsAsync(gateway);
    }

    [Fact]
    public async Task Client_that_sends_on_after_the_upstream_closed_ends_it()
    {
        await using var upstream = Upgrading(async connection =>
        {
            await connection.SendAsync("last");
            connection.Close();
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await OpenAsync(gateway);
        try
        {
            for (var i = 0; i < 100; i++) await client.SendAsync(new string('x', 10_000));
        }
        catch (IOException)
        {
            // As it should: nobody is there.
        }

        await EndsAsync(gateway);
    }

    [Fact]
    public async Task Client_that_aborts_closes_the_upstream()
    {
        var ended = new TaskCompletionSource();
        await using var upstream = Upgrading(async connection =>
        {
            await connection.WaitForEndAsync();
            ended.SetResult();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using (var client = await OpenAsync(gateway))
        {
            client.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await ended.Task.WithPatience();
        await EndsAsync(gateway);
        Assert.Equal(0, gateway.Destination().Failures);
    }

    [Fact]
    public async Task Silence_of_both_sides_ends_it_at_the_idle_timeout()
    {
        var clock = new ManualTimeProvider();
        var ended = new TaskCompletionSource();
        await using var upstream = Upgrading(async connection =>
        {
            await connection.SendAsync("hello");
            await connection.WaitForEndAsync();
            ended.SetResult();
        });
        var cluster = ForwardingBench.Cluster(upstream.Address);
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        await using var client = await OpenAsync(gateway);
        var hello = new byte[5];
        await client.Stream.ReadExactlyAsync(hello);

        // Four minutes are not yet silence enough, and each octet begins them anew.
        clock.Advance(TimeSpan.FromMinutes(4));
        await client.SendAsync("x");
        await Eventually.HoldsAsync(() => clock.HasTimer(cluster.IdleTimeout), "the octet arrives");
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(ended.Task.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        await ended.Task.WithPatience();
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        await EndsAsync(gateway);
    }

    [Fact]
    public async Task Upstream_may_say_its_last_words_after_the_client_has_ended_its_side()
    {
        var clock = new ManualTimeProvider();
        var go = new TaskCompletionSource();
        await using var upstream = Upgrading(async connection =>
        {
            await go.Task;
            await connection.SendAsync("bye");
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address), clock);
        await using var client = await OpenAsync(gateway);
        client.EndSending();
        await Eventually.HoldsAsync(() => clock.HasTimer(Tunnel.Grace), "the client's end is seen");
        go.SetResult();
        var bye = new byte[3];
        await client.Stream.ReadExactlyAsync(bye);
        Assert.Equal("bye", Encoding.ASCII.GetString(bye));

        // It does not buy more time by that.
        clock.Advance(Tunnel.Grace);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        await EndsAsync(gateway);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: bm8gcHJvb2Y=\r\n\r\n")]
    public async Task Upgrade_that_was_not_asked_for_or_is_not_proved_is_502(string answer)
    {
        await using var upstream = RawUpstream.Saying(answer);
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));

        // Over HTTP/2 a client has no key of its own: the gateway makes one up and checks what it proves.
        await using var client = await Http2.RawHttp2Client.ConnectAsync(gateway.EndPoint);
        await client.SendHeadersAsync(
            1,
            [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":authority", "a.example"), (":path", "/"), ("sec-websocket-version", "13")],
            endStream: false);
        Assert.Equal(502, (await client.ReadReplyAsync(1)).Status);
        Assert.StartsWith("Upgrade", gateway.LastCause, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Destination().Failures);
    }

    private static RawUpstream Upgrading(Func<RawUpstreamConnection, Task> handle) => RawUpstream.Start(async (connection, _) =>
    {
        await connection.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {Proof}\r\n\r\n");
        await handle(connection);
    });

    private static async Task<RawConnection> OpenAsync(ForwardingBench gateway)
    {
        var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101", await client.ReadResponseAsync(), StringComparison.Ordinal);
        return client;
    }

    private static Task EndsAsync(ForwardingBench gateway) => Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the exchange ends");

    // RFC 6455 §1.3 gives key and proof as its example.
    private const string Proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
}
