using System.Net;
using System.Text;
using Portcullis.Gateway.Forwarding.Health;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>HTTP/2 upstreams that break the protocol, break off or lie. Each is the upstream's failure, and nothing that failed looks complete.</summary>
public sealed class Http2FaultTests
{
    private static readonly (string Name, string Value) Ok = (":status", "200");

    // Faults before any octet of a body has gone on: the client gets 502.
    private static readonly Dictionary<string, Func<RawHttp2Upstream, int, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["reset before the head"] = (peer, stream) => peer.ResetAsync(stream, 2),
        ["reset as refused"] = (peer, stream) => peer.ResetAsync(stream, 7),
        ["reset for a protocol error"] = (peer, stream) => peer.ResetAsync(stream, 1),
        ["end of the connection"] = (peer, _) => Task.Run(peer.Connection.Close),
        ["reset of the connection"] = (peer, _) => Task.Run(peer.Connection.Reset),
        ["GOAWAY that takes the stream back"] = async (peer, _) =>
        {
            await peer.GoAwayAsync(0, 0);
            peer.Connection.Close();
        },
        ["garbage"] = (peer, _) => peer.Connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\nthis is no frame at all"),
        ["DATA before HEADERS"] = (peer, stream) => peer.SendDataAsync(stream, 10, endStream: true),
        ["no status"] = (peer, stream) => peer.SendHeadAsync(stream, true, ("server", "x")),
        ["status of three letters"] = (peer, stream) => peer.SendHeadAsync(stream, true, (":status", "abc")),
        ["status 101"] = (peer, stream) => peer.SendHeadAsync(stream, true, (":status", "101")),
        ["status 700"] = (peer, stream) => peer.SendHeadAsync(stream, true, (":status", "700")),
        ["Connection"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("connection", "x-mine"), ("x-mine", "1")),
        ["Transfer-Encoding"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("transfer-encoding", "chunked")),
        ["Upgrade"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("upgrade", "h2c")),
        ["two lengths"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("content-length", "0"), ("content-length", "1")),
        ["length that is no number"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("content-length", "+1")),
        ["control character"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("x-field", "a\u0001b")),
        ["205 with a length"] = (peer, stream) => peer.SendHeadAsync(stream, false, (":status", "205"), ("content-length", "5")),
        ["length without any body"] = (peer, stream) => peer.SendHeadAsync(stream, true, Ok, ("content-length", "5")),
        ["head without end"] = async (peer, stream) =>
        {
            var filling = PlainHpack.Encode([("x-filling", new string('a', 16_000))]);
            await peer.SendAsync(Http2FrameType.Headers, 0, stream, PlainHpack.Encode([Ok]));
            for (var i = 0; i < 100; i++) await peer.SendAsync(Http2FrameType.Continuation, 0, stream, filling);
        },
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Fault_before_the_body_is_502_and_counts_against_the_destination(string fault)
    {
        await using var upstream = RawHttp2Upstream.Start(Faults[fault]);
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 0 };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, cluster);
        using var response = await gateway.Client.PostAsync("/", new StringContent("x"));
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("upstream.unavailable", await response.CodeAsync());
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal(1, gateway.Destination().Failures);
    }

    [Theory]
    [InlineData("longer")]
    [InlineData("shorter")]
    [InlineData("reset")]
    [InlineData("goaway")]
    [InlineData("closed")]
    public async Task Body_that_breaks_off_or_is_not_as_long_as_stated_is_never_answered_as_complete(string fault)
    {
        var more = new TaskCompletionSource();
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            if (fault is "longer" or "shorter") await peer.SendHeadAsync(stream, false, Ok, ("content-length", "10"));
            else await peer.SendHeadAsync(stream, false, Ok);
            await peer.SendDataAsync(stream, 5);
            await more.Task;
            if (fault == "longer") await peer.SendDataAsync(stream, 6, endStream: true);
            if (fault == "shorter") await peer.SendDataAsync(stream, 0, endStream: true);
            if (fault == "reset") await peer.ResetAsync(stream, 2);
            if (fault == "goaway") await peer.GoAwayAsync(0, 1);
            if (fault is "closed" or "goaway") peer.Connection.Close();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
        var start = new byte[15];
        await client.Stream.ReadExactlyAsync(start);
        more.SetResult();
        var rest = await client.ReadToEndAsync();
        Assert.DoesNotContain("\r\n0\r\n\r\n", rest, StringComparison.Ordinal);
        var head = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(rest.Length - head - 4 < 10 || fault is "reset" or "goaway" or "closed", rest);
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal(1, gateway.Destination().Failures);
    }

    [Fact]
    public async Task Content_of_a_205_reaches_no_one()
    {
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            await peer.SendHeadAsync(stream, false, (":status", "205"));
            await peer.SendDataAsync(stream, 5, endStream: true);
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("\0", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => gateway.Destination().Failures == 1, "the upstream is to blame");
    }

    [Theory]
    [InlineData("HEAD", "200")]
    [InlineData("GET", "304")]
    [InlineData("GET", "204")]
    public async Task Length_of_what_is_not_sent_is_no_fault(string method, string status)
    {
        await using var upstream = RawHttp2Upstream.Start((peer, stream) => peer.SendHeadAsync(stream, true, (":status", status), ("content-length", "5")));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/"));
        Assert.Equal(status, ((int)response.StatusCode).ToString());
        Assert.Equal(0, gateway.Destination().Failures);
    }

    [Fact]
    public async Task Interim_responses_are_passed_over_and_are_no_answer()
    {
        var clock = new ManualTimeProvider();
        var answers = true;
        var sent = 0;
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            for (var i = 0; i < 100; i++)
            {
                await peer.SendHeadAsync(stream, false, (":status", "103"), ("link", "</a>"));
                Interlocked.Increment(ref sent);
            }

            if (Volatile.Read(ref answers)) await peer.SendHeadAsync(stream, true, Ok);
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 }, clock);
        using (var response = await gateway.Client.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.False(response.Headers.Contains("Link"));
        }

        Volatile.Write(ref answers, false);
        var pending = gateway.Client.GetAsync("/");
        await Eventually.HoldsAsync(() => Volatile.Read(ref sent) == 200, "interim responses come");
        clock.Advance(TimeSpan.FromSeconds(30));
        using var cut = await pending;
        Assert.Equal(HttpStatusCode.GatewayTimeout, cut.StatusCode);
    }

    [Theory]
    [InlineData("100", 0)]
    [InlineData("103", 0)]
    [InlineData("103", 100)]
    public async Task Interim_responses_without_end_are_cut_at_the_limit_of_a_head_and_are_read_no_more(string status, int length)
    {
        var ended = new TaskCompletionSource();
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            // :status by its index, as encoders write it (RFC 7541 §6.2.2).
            byte[] head = [0x08, 3, .. Encoding.ASCII.GetBytes(status), .. length == 0 ? [] : PlainHpack.Encode([("link", new string('a', length))])];
            try
            {
                while (true) await peer.SendAsync(Http2FrameType.Headers, Http2Frame.EndHeaders, stream, head);
            }
            finally
            {
                ended.SetResult();
            }
        });

        // No time passes: what ends the try is the limit.
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 }, new ManualTimeProvider());
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(1, gateway.Destination().Failures);
        await ended.Task.WithPatience();
    }

    [Fact]
    public async Task Upstream_that_hangs_is_a_timeout()
    {
        var clock = new ManualTimeProvider();
        var arrived = new TaskCompletionSource();
        await using var upstream = RawHttp2Upstream.Start((_, _) =>
        {
            arrived.SetResult();
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 }, clock);
        var pending = gateway.Client.GetAsync("/");
        await arrived.Task.WithPatience();
        clock.Advance(TimeSpan.FromSeconds(30));
        using var response = await pending;
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(CircuitState.Closed, gateway.Destination().Circuit);
    }

    [Fact]
    public async Task Http1_server_is_502()
    {
        await using var upstream = RawUpstream.Start((connection, _) => connection.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }
}
