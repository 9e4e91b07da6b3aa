using System.Net;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Copies of requests: what is copied, what is not, and that nothing of it touches the request itself.</summary>
public sealed class MirrorTests
{
    [Fact]
    public async Task Mirror_gets_a_copy_and_its_failure_has_no_effect()
    {
        var copied = new TaskCompletionSource<string>();
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var shadow = await TransportKind.Http1.UpstreamAsync(async context =>
        {
            copied.TrySetResult(await new StreamReader(context.Request.Body).ReadToEndAsync());
            context.Response.StatusCode = 500;
        });
        await using var gateway = await StartAsync(upstream.Address, shadow.Address);
        using var response = await gateway.Client.PostAsync("/", new StringContent("both"));
        Assert.Equal("both", await response.Content.ReadAsStringAsync());
        Assert.Equal("both", await copied.Task.WithPatience());

        using var large = await gateway.Client.PostAsync("/", new ByteArrayContent(new byte[MirrorTarget.MostBody + 1]));
        Assert.Equal(MirrorTarget.MostBody + 1, (await large.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(1, Dropped(gateway));

        using var chunked = await gateway.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StreamContent(new MemoryStream("of unknown length"u8.ToArray())), Headers = { TransferEncodingChunked = true } });
        Assert.Equal("of unknown length", await chunked.Content.ReadAsStringAsync());
        Assert.Equal(2, Dropped(gateway));
    }

    [Fact]
    public async Task Mirror_that_hangs_holds_up_nobody_and_copies_beyond_the_queue_are_dropped_and_counted()
    {
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static _ => Task.CompletedTask);
        await using var shadow = RawUpstream.Start((connection, _) => connection.WaitForEndAsync());
        await using var gateway = await StartAsync(upstream.Address, shadow.Address);
        for (var i = 0; i < MirrorQueue.Capacity + 100; i++)
        {
            using var response = await gateway.Client.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // What is neither under way nor waiting has been dropped; and the gateway stops although copies wait (by the bench's end).
        await Eventually.HoldsAsync(() => shadow.Requests == 16, "as many copies as may be are under way");
        Assert.InRange(Dropped(gateway), 100 - 16, 100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    public async Task Share_of_the_requests_is_copied(double share)
    {
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static _ => Task.CompletedTask);
        await using var shadow = await TransportKind.Http1.UpstreamAsync(static _ => Task.CompletedTask);
        await using var gateway = await StartAsync(upstream.Address, shadow.Address, share);
        for (var i = 0; i < 400; i++) (await gateway.Client.GetAsync("/")).Dispose();
        await Eventually.HoldsAsync(() => gateway.Destination("mirror").InFlight == 0, "the copies are through");
        Assert.InRange(gateway.Destination("mirror").Requests, share * 400 * 0.4, share * 400 * 1.6);
    }

    [Fact]
    public async Task Client_that_is_silent_or_gone_while_its_body_is_read_for_the_copy_is_to_blame()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var cluster = ForwardingBench.Cluster(upstream.Address);
        await using var gateway = await StartAsync(upstream.Address, upstream.Address, clock: clock);
        await using (var silent = await RawConnection.OpenAsync(gateway.EndPoint))
        {
            await silent.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nabc");
            await Eventually.HoldsAsync(() => clock.HasTimer(cluster.BodyTimeout), "the client is waited for");
            clock.Advance(cluster.BodyTimeout);
            Assert.StartsWith("HTTP/1.1 408", await silent.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await using (var broken = await RawConnection.OpenAsync(gateway.EndPoint))
        {
            await broken.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nabc");
            await Eventually.HoldsAsync(() => clock.HasTimer(cluster.BodyTimeout), "the client is waited for");
            broken.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await using (var reset = await RawHttp2Client.ConnectAsync(gateway.EndPoint))
        {
            await reset.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "a.example", ("content-length", "100")), endStream: false);
            await Eventually.HoldsAsync(() => clock.HasTimer(cluster.BodyTimeout), "the client is waited for");
            await reset.SendFrameAsync(Http2FrameType.RstStream, 0, 1, 0, 0, 0, 8);
            Assert.Equal(200, (await reset.ExchangeAsync(3, RawHttp2Client.Request("GET", "/", "a.example"))).Status);
        }

        // The bench fails where the runner had to catch anything.
        await Eventually.HoldsAsync(() => clock.ArmedTimers <= 4, "nothing waits any more");
        Assert.Equal(0, gateway.Destination().Failures);
    }

    private static Task<ForwardingBench> StartAsync(Uri upstream, Uri shadow, double share = 1, TimeProvider? clock = null)
        => ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream), clock, mirror: ForwardingBench.Cluster(shadow), mirrorShare: share);

    private static long Dropped(ForwardingBench gateway) => gateway.Clusters.Describe().Single(cluster => cluster.Name == "mirror").MirrorDropped;
}
