using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Waits for a client that are ended over TLS end as they do without it: the client is still there, and the connection goes on.</summary>
public sealed class SecureClientTests
{
    public static TheoryData<bool> Both => [false, true];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Head_that_takes_too_long_gets_408(bool isTls)
    {
        var clock = new ManualTimeProvider();
        var options = isTls ? TestListener.Tls : TestListener.Plain;
        await using var listener = await TestListener.StartAsync(options, services: TestListener.Services with { Time = clock });
        await using var client = isTls ? await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost")) : await RawConnection.OpenAsync(listener.EndPoint);

        // A request before it, so that the clock has a session to look at.
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX-");
        var answer = client.ReadToEndAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(answer.IsCompleted);
            },
            "the answer");

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Body_below_the_least_rate_gets_408(bool isTls)
    {
        var clock = new ManualTimeProvider();
        var ended = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.WaitForEndAsync();
            ended.TrySetResult();
        });

        // The listener's rate alone, and no time-out of the cluster.
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: { address: "127.0.0.1:0"{{(isTls ? ", tls: {}" : string.Empty)}} } }
            clusters: { main: { destinations: ["{{upstream.Address.GetLeftPart(UriPartial.Authority)}}"], timeout: 1h, bodyTimeout: 1h, idleTimeout: 1h } }
            routes: { all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } } }
            telemetry: { decisionLog: "{decisionLog}" }
            """,
            clock);
        await using var client = await OpenAsync(gateway, isTls);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nabc");
        await Eventually.HoldsAsync(() => upstream.Requests == 1, "the request arrives");
        var answer = client.ReadToEndAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(answer.IsCompleted);
            },
            "the answer");

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
        await ended.Task.WithPatience();
        var record = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((408, "request.timeout"), (record.GetProperty("status").GetInt32(), record.GetProperty("code").GetString()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Upstream_that_dies_while_the_body_is_awaited_is_to_blame(bool isTls)
    {
        var clock = new ManualTimeProvider();
        var dies = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.Stream.ReadExactlyAsync(new byte[3]);
            await dies.Task;
            connection.Reset();
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 0 };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock, isTls: isTls);
        await using var client = isTls ? await RawConnection.OpenTlsAsync(gateway.EndPoint, RawConnection.TlsOptions("localhost")) : await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nabc");
        await gateway.AwaitsClientAsync(clock, cluster.BodyTimeout);
        dies.SetResult();
        var answer = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"upstream.unavailable\"", answer, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal(1, gateway.Destination().Failures);
    }

    [Fact]
    public async Task Upgraded_connection_that_the_upstream_closes_ends_with_its_last_octets_and_close_notify()
    {
        // RFC 6455 §1.3.
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            await connection.Stream.ReadExactlyAsync(new byte[5]);
            await connection.SendAsync("last frames");
            connection.Close();
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address), isTls: true);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.EndPoint);
        await using var network = new LoopStream(LoopSocket.Accepted(socket));
        await using var client = new SslStream(network);
        await client.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost")).WithPatience();
        await client.WriteAsync(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nhello"));
        var text = new StringBuilder();
        var buffer = new byte[1024];

        // A reset would throw.
        while (await client.ReadAsync(buffer).AsTask().WithPatience() is > 0 and var length) text.Append(Encoding.Latin1.GetString(buffer, 0, length));

        Assert.StartsWith("HTTP/1.1 101", text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nlast frames", text.ToString(), StringComparison.Ordinal);
        Assert.False(network.HasEnded, "the end came without close_notify");
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the exchange ends");
        Assert.Equal(0, gateway.Destination().Failures);
    }

    private static async Task<RawConnection> OpenAsync(TestGateway gateway, bool isTls)
        => isTls ? await RawConnection.OpenTlsAsync(gateway.EndPoint(), RawConnection.TlsOptions("localhost")) : await RawConnection.OpenAsync(gateway.EndPoint());
}
