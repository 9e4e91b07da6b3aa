using System.Net;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Health;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Clients that take their time within a request's body: theirs is limited, and no upstream's is spent.</summary>
public sealed class SlowClientTests
{
    public static TheoryData<TransportKind> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Slow_upload_is_no_timeout_of_the_upstream(TransportKind kind)
    {
        var clock = new ManualTimeProvider();
        var begun = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            var octets = new byte[6];
            await context.Request.Body.ReadExactlyAsync(octets.AsMemory(0, 3));
            begun.SetResult();
            await context.Request.Body.ReadExactlyAsync(octets.AsMemory(3, 3));
            await context.Response.Body.WriteAsync(octets);
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Timeout = TimeSpan.FromSeconds(2) };
        await using var gateway = await ForwardingBench.StartAsync(kind, cluster, clock);
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabc");
        await begun.Task.WithPatience();
        await gateway.AwaitsClientAsync(clock, cluster.BodyTimeout);
        clock.Advance(TimeSpan.FromSeconds(20));
        await client.SendAsync("def");
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("abcdef", answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_that_falls_silent_within_its_body_gets_408_and_its_place_is_free_again(TransportKind kind)
    {
        var clock = new ManualTimeProvider();
        await using var upstream = await kind.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Timeout = TimeSpan.FromHours(20), CircuitBreaker = new() { MinimumRequests = 1 }, Connections = new() { Maximum = 1 } };
        await using var gateway = await ForwardingBench.StartAsync(kind, cluster, clock);
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);

        // What is sent at once buys no longer silence: 100 KiB are seven minutes at the minimum rate.
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 200000\r\n\r\n{new string('x', 100 * 1024)}");
        await gateway.AwaitsClientAsync(clock, cluster.BodyTimeout);
        var answering = client.ReadResponseAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(cluster.BodyTimeout);
                return Task.FromResult(answering.IsCompleted);
            },
            "the answer");
        var answer = await answering;
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("request.timeout", answer, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal((0, true, CircuitState.Closed), (gateway.Destination().Failures, gateway.Destination().IsHealthy, gateway.Destination().Circuit));
        using var next = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Stream_of_one_client_can_not_be_held_open_by_the_octets_of_another()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Timeout = TimeSpan.FromHours(20), IdleTimeout = TimeSpan.FromHours(20) };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "a.example"), endStream: false);
        await gateway.AwaitsClientAsync(clock, cluster.BodyTimeout);

        // One octet each ten seconds is not silence, but it is no body either.
        for (var i = 0; i < 2; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await client.SendDataAsync(1, [1]);
            await gateway.AwaitsClientAsync(clock, TimeSpan.FromSeconds(20 - (10 * i)));
        }

        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(408, (await client.ReadReplyAsync(1)).Status);
    }

    [Fact]
    public async Task Stream_to_an_http2_upstream_may_be_silent_as_long_as_any_other()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static context => context.Request.Body.CopyToAsync(context.Response.Body));
        var cluster = ForwardingBench.Cluster(upstream.Address) with { IdleTimeout = TimeSpan.FromMinutes(7) }; // Unlike any other time that is waited for.
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, cluster, clock);
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "a.example"), endStream: false);
        await gateway.AwaitsClientAsync(clock, cluster.IdleTimeout);
        clock.Advance(TimeSpan.FromMinutes(4));
        await client.SendDataAsync(1, "late"u8.ToArray(), endStream: true);
        Assert.Equal("late", (await client.ReadReplyAsync(1)).Text);
    }

    [Fact]
    public async Task Upstream_that_answers_and_then_waits_for_a_silent_client_is_not_to_blame()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            await connection.WaitForEndAsync();
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { CircuitBreaker = new() { MinimumRequests = 1 } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        var end = client.ReadToEndAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return Task.FromResult(gateway.Destination().InFlight == 0);
            },
            "the try ends");
        Assert.DoesNotContain("0\r\n\r\n", await end.WithPatience(), StringComparison.Ordinal);
        Assert.Equal((0, CircuitState.Closed), (gateway.Destination().Failures, gateway.Destination().Circuit));
    }
}
