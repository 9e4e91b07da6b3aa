using System.Net;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Which tries an HTTP/2 upstream gets to see: no more than the configuration allows, and one alone of what must not be done twice (RFC 9110 §9.2.2).</summary>
public sealed class Http2RetryTests
{
    private static readonly (string Name, string Value) Ok = (":status", "200");

    private static readonly Dictionary<string, Func<RawHttp2Upstream, int, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["end of the connection"] = (peer, _) => Task.Run(peer.Connection.Close),
        ["reset of the connection"] = (peer, _) => Task.Run(peer.Connection.Reset),
        ["reset of the stream"] = (peer, stream) => peer.ResetAsync(stream, 2),
        ["stream refused"] = (peer, stream) => peer.ResetAsync(stream, 7),
        ["GOAWAY that takes the stream back"] = async (peer, stream) =>
        {
            await peer.GoAwayAsync(stream - 2, 0);
            peer.Connection.Close();
        },
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Post_is_seen_once_whether_it_has_a_body_or_not(string fault)
    {
        foreach (var body in (string?[])[null, "x"])
        {
            Assert.Equal((HttpStatusCode.BadGateway, 1), await SecondAsync(Faults[fault], retries: 3, HttpMethod.Post, body));
        }
    }

    // The handler then says that it was cancelled, which nobody asked for.
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Post_whose_body_is_held_back_is_seen_once(string fault)
    {
        foreach (var expect in (string[])["", "Expect: 100-continue\r\n"])
        {
            var heads = 0;
            await using var upstream = RawHttp2Upstream.Start(
                (peer, stream) => Interlocked.Increment(ref heads) > 1 ? Faults[fault](peer, stream) : peer.SendHeadAsync(stream, true, Ok));
            await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = 3 });
            using (var first = await gateway.Client.GetAsync("/")) Assert.Equal(HttpStatusCode.OK, first.StatusCode);

            var answer = await RawHttp.SendAsync(gateway.EndPoint, $"POST / HTTP/1.1\r\nHost: a\r\n{expect}Content-Length: 5\r\nConnection: close\r\n\r\n");

            Assert.Contains("HTTP/1.1 502", answer, StringComparison.Ordinal);
            Assert.Equal(2, Volatile.Read(ref heads));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Get_is_tried_again(string fault) => Assert.Equal((HttpStatusCode.OK, 2), await SecondAsync(Faults[fault], retries: 3, HttpMethod.Get, null));

    [Theory]
    [InlineData("end of the connection", HttpStatusCode.BadGateway, 1)]
    [InlineData("reset of the connection", HttpStatusCode.BadGateway, 1)]
    [InlineData("reset of the stream", HttpStatusCode.BadGateway, 1)]
    [InlineData("stream refused", HttpStatusCode.OK, 2)]
    [InlineData("GOAWAY that takes the stream back", HttpStatusCode.OK, 2)]
    public async Task Without_retries_only_what_the_upstream_has_not_touched_is_sent_once_more(string fault, HttpStatusCode status, int seen)
        => Assert.Equal((status, seen), await SecondAsync(Faults[fault], retries: 0, HttpMethod.Get, null));

    [Fact]
    public async Task Upstream_that_refuses_every_stream_sees_each_request_twice_at_most_and_loses_no_place_by_it()
    {
        var (heads, isWilling) = (0, false);
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            // One stream at a time (RFC 9113 §6.5.2): a place that is not given back is one that the next request waits for.
            if (Interlocked.Increment(ref heads) == 1) await peer.SendAsync(Http2FrameType.Settings, 0, 0, 0, 3, 0, 0, 0, 1);
            await (Volatile.Read(ref isWilling) ? peer.SendHeadAsync(stream, true, Ok) : peer.ResetAsync(stream, 7));
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 0, Connections = new ConnectionOptions { Maximum = 1, Queue = 0 }, CircuitBreaker = new() { MinimumRequests = 1000 } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, cluster);
        for (var i = 0; i < 10; i++)
        {
            using var get = await gateway.Client.GetAsync("/");
            using var post = await gateway.Client.PostAsync("/", null);
            using var upload = await gateway.Client.PostAsync("/", new StringContent("x"));
            Assert.All((HttpResponseMessage[])[get, post, upload], response => Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode));
        }

        Assert.Equal(10 * (2 + 1 + 1), Volatile.Read(ref heads));
        Volatile.Write(ref isWilling, true);
        using var served = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    /// <summary>A first request that is answered, and a second on the same connection that meets the fault: its status, and how often it was seen.</summary>
    private static async Task<(HttpStatusCode Status, int Seen)> SecondAsync(Func<RawHttp2Upstream, int, Task> fault, int retries, HttpMethod method, string? body)
    {
        var heads = 0;
        await using var upstream = RawHttp2Upstream.Start(
            (peer, stream) => Interlocked.Increment(ref heads) == 2 ? fault(peer, stream) : peer.SendHeadAsync(stream, true, Ok));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address) with { Retries = retries });
        using (var first = await gateway.Client.GetAsync("/")) Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(1, upstream.Connections);
        using var request = new HttpRequestMessage(method, "/") { Content = body is null ? null : new StringContent(body) };
        using var response = await gateway.Client.SendAsync(request);
        return (response.StatusCode, Volatile.Read(ref heads) - 1);
    }
}
