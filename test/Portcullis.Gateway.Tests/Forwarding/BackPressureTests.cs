using System.Buffers.Binary;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>A side that takes nothing stops the other one: the gateway holds only so much in between. And who goes is followed.</summary>
public sealed class BackPressureTests
{
    // What sockets and buffers on the way may take: far less than the body, far more than they need.
    private const long Most = 24 << 20;

    private static readonly byte[] Piece = new byte[64 * 1024];

    public static TheoryData<TransportKind> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Upstream_is_read_no_faster_than_the_client_takes_it(TransportKind kind)
    {
        long sent = 0;
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            while (true)
            {
                await context.Response.Body.WriteAsync(Piece, context.RequestAborted);
                Interlocked.Add(ref sent, Piece.Length);
            }
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
        var stopped = await StandsStillAsync(() => Interlocked.Read(ref sent));
        Assert.InRange(stopped, 1, Most);

        // It goes on when the client does.
        await client.Stream.ReadExactlyAsync(new byte[Most]);
        await Eventually.HoldsAsync(() => Interlocked.Read(ref sent) > stopped, "the upstream is read again");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_is_read_no_faster_than_the_upstream_takes_it(TransportKind kind)
    {
        var go = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            await go.Task;
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var gateway = await TestGateway.StartAsync($$"""
            listeners: { public: { address: "127.0.0.1:0", limits: { bodyBytes: 100MiB } } }
            clusters: { main: { destinations: ["{{upstream.Url}}"], protocol: {{(kind == TransportKind.Http2 ? "http2" : "http1")}} } }
            routes: { all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } } }
            """);
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        const int Length = 64 << 20;
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: {Length}\r\nConnection: close\r\n\r\n");
        long sent = 0;
        var sending = Task.Run(async () =>
        {
            while (sent < Length)
            {
                await client.SendAsync(Piece);
                Interlocked.Add(ref sent, Piece.Length);
            }
        });
        Assert.InRange(await StandsStillAsync(() => Interlocked.Read(ref sent)), 1, Most);
        go.SetResult();
        await sending.WithPatience();
        Assert.StartsWith("HTTP/1.1 200", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Http2_client_gets_no_window_for_what_the_upstream_does_not_take(TransportKind kind)
    {
        const int Window = 128 * 1024;
        const int Length = 64 << 20;
        var go = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            await go.Task;
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var gateway = await TestGateway.StartAsync($$"""
            listeners: { public: { address: "127.0.0.1:0", limits: { bodyBytes: 100MiB, http2: { streamWindowBytes: {{Window}} } } } }
            clusters: { main: { destinations: ["{{upstream.Url}}"], protocol: {{(kind == TransportKind.Http2 ? "http2" : "http1")}} } }
            routes: { all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } } }
            """);
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint());
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "a.example"), endStream: false);
        long sent = 0;
        var sending = Task.Run(() => SendAsync(client, Length, () => Interlocked.Read(ref sent), octets => Interlocked.Add(ref sent, octets)));

        // What fills the sockets to the upstream is taken, and one window beyond it.
        var stopped = await StandsStillAsync(() => Interlocked.Read(ref sent));
        Assert.InRange(stopped, Window, Most);
        Assert.False(sending.IsCompleted);
        go.SetResult();
        Assert.Equal("200", await sending.WithPatience());
        Assert.Equal(Length, sent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Http2_client_that_opens_no_window_stops_the_upstream_and_its_reset_frees_it(TransportKind kind)
    {
        long sent = 0;
        var cancelled = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.TrySetResult());
            while (true)
            {
                await context.Response.Body.WriteAsync(Piece, context.RequestAborted);
                Interlocked.Add(ref sent, Piece.Length);
            }
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("GET", "/", "a.example"));
        Assert.InRange(await StandsStillAsync(() => Interlocked.Read(ref sent)), 1, Most);
        Assert.False(cancelled.Task.IsCompleted);
        await client.SendFrameAsync(Http2FrameType.RstStream, 0, 1, 0, 0, 0, 8);
        await cancelled.Task.WithPatience();
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal(0, gateway.Destination().Failures);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Http2_client_that_resets_before_the_head_or_within_its_body_cancels_the_upstream(TransportKind kind)
    {
        using var arrived = new SemaphoreSlim(0);
        using var cancelled = new SemaphoreSlim(0);
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.Release());
            arrived.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint);
        foreach (var (stream, hasBody) in new[] { (1, false), (3, true) })
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request(hasBody ? "POST" : "GET", "/", "a.example"), endStream: !hasBody);
            if (hasBody) await client.SendDataAsync(stream, [1, 2, 3]);
            Assert.True(await arrived.WaitAsync(Eventually.Patience));
            await client.SendFrameAsync(Http2FrameType.RstStream, 0, stream, 0, 0, 0, 8);
            Assert.True(await cancelled.WaitAsync(Eventually.Patience));
            await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        }

        Assert.Equal(0, gateway.Destination().Failures);
    }

    /// <summary>Sends a body on stream 1 as its windows and those of the connection allow (RFC 9113 §5.2), and returns the answer's status.</summary>
    private static async Task<string> SendAsync(RawHttp2Client client, int length, Func<long> sent, Action<int> count)
    {
        const int FirstWindow = 65_535;
        long connection = FirstWindow;
        long stream = FirstWindow;
        while (true)
        {
            while (sent() < length && Math.Min(connection, stream) is > 0 and var window)
            {
                var octets = (int)Math.Min(Math.Min(window, 16_384), length - sent());
                await client.SendDataAsync(1, new byte[octets], endStream: sent() + octets == length);
                connection -= octets;
                stream -= octets;
                count(octets);
            }

            var frame = await client.ReadFrameAsync();
            Assert.NotNull(frame);
            switch (frame.Type)
            {
                case Http2FrameType.Settings when !frame.Has(Http2Frame.Ack):
                    for (var at = 0; at < frame.Payload.Length; at += 6)
                    {
                        if (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload.AsSpan(at)) == 4) stream += BinaryPrimitives.ReadInt32BigEndian(frame.Payload.AsSpan(at + 2)) - FirstWindow;
                    }

                    await client.SendFrameAsync(Http2FrameType.Settings, Http2Frame.Ack, 0);
                    break;
                case Http2FrameType.Ping when !frame.Has(Http2Frame.Ack):
                    await client.SendFrameAsync(Http2FrameType.Ping, Http2Frame.Ack, 0, frame.Payload);
                    break;
                case Http2FrameType.WindowUpdate when frame.Stream == 0:
                    connection += BinaryPrimitives.ReadInt32BigEndian(frame.Payload);
                    break;
                case Http2FrameType.WindowUpdate:
                    stream += BinaryPrimitives.ReadInt32BigEndian(frame.Payload);
                    break;
                case Http2FrameType.Headers:
                    return PlainHpack.Decode(frame.Payload).Find(field => field.Name == ":status").Value;
            }
        }
    }

    /// <summary>The count once it has not moved for half a second.</summary>
    private static async Task<long> StandsStillAsync(Func<long> count)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var (last, still) = (0L, 0);
        while (last == 0 || still < 10)
        {
            await timer.WaitForNextTickAsync(patience.Token);
            var now = count();
            (last, still) = (now, now == last ? still + 1 : 0);
        }

        return last;
    }
}
