using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Sockets;
using Portcullis.Gateway.Forwarding.Tls;
using Portcullis.Gateway.Tests.Forwarding.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class SocketsTransportTests
{
    [Fact]
    public async Task Failure_that_nobody_foresaw_costs_no_place_and_is_no_body_for_others()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var transport = Transport(upstream.Address);
        for (var i = 0; i < 3 * MostInFlight; i++)
        {
            var broken = Request();
            broken.Body = new BrokenBody(onRead: new NotSupportedException(), onAdvance: null);
            await Assert.ThrowsAnyAsync<Exception>(() => transport.SendAsync(broken, CancellationToken.None).AsTask());
            var wrong = Request();
            wrong.Method = "NOT A METHOD";
            await Assert.ThrowsAnyAsync<Exception>(() => transport.SendAsync(wrong, CancellationToken.None).AsTask());
        }

        var result = await transport.SendAsync(Get(), CancellationToken.None);
        await using var response = result.Response!;
        Assert.Equal(200, response.StatusCode);
    }

    [Fact]
    public async Task Body_that_the_server_takes_back_is_the_clients_end()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var transport = Transport(upstream.Address);
        var request = Request();
        request.Body = new BrokenBody(onRead: new InvalidOperationException("the reader was completed"), onAdvance: null);
        Assert.Equal(ForwardError.ClientAborted, (await transport.SendAsync(request, CancellationToken.None)).Error);
    }

    [Fact]
    public async Task Request_beyond_what_connections_and_queue_hold_is_refused_at_once_and_a_freed_place_is_taken()
    {
        var arrived = 0;
        var release = new TaskCompletionSource();
        await using var upstream = await TransportKind.Http2.UpstreamAsync(_ =>
        {
            Interlocked.Increment(ref arrived);
            return release.Task;
        });
        await using var transport = Transport(upstream.Address);
        var held = Enumerable.Range(0, MostInFlight).Select(_ => transport.SendAsync(Get(), CancellationToken.None).AsTask()).ToList();
        await Eventually.HoldsAsync(() => Volatile.Read(ref arrived) == MostInFlight, "all places are taken");

        Assert.Equal(ForwardError.PoolExhausted, (await transport.SendAsync(Get(), CancellationToken.None)).Error);

        release.SetResult();
        foreach (var result in await Task.WhenAll(held).WithPatience()) await result.Response!.DisposeAsync();
        await using var response = (await transport.SendAsync(Get(), CancellationToken.None)).Response!;
        Assert.Equal(200, response.StatusCode);
        Assert.Equal(MostInFlight + 1, arrived);
    }

    [Fact]
    public async Task Upstream_that_allows_one_stream_gets_no_more_connections_for_it()
    {
        await using var upstream = new HoldingUpstream();
        await using var transport = Transport(upstream.Address);
        Assert.Equal(200, await StatusAsync(transport));
        var waiting = Enumerable.Range(0, 10).Select(_ => StatusAsync(transport)).ToList();
        await upstream.HoldsAsync();
        upstream.Release();
        Assert.All(await Task.WhenAll(waiting).WithPatience(), status => Assert.Equal(200, status));
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Request_for_which_no_stream_comes_free_in_time_finds_the_pool_exhausted()
    {
        await using var upstream = new HoldingUpstream();
        await using var transport = Transport(upstream.Address, connectTimeout: TimeSpan.FromSeconds(1));
        Assert.Equal(200, await StatusAsync(transport));
        var first = StatusAsync(transport);
        await upstream.HoldsAsync();

        var result = await transport.SendAsync(Get(), CancellationToken.None).AsTask().WithPatience();
        Assert.Equal(ForwardError.PoolExhausted, result.Error);

        upstream.Release();
        Assert.Equal(200, await first.WithPatience());
        Assert.Equal(200, await StatusAsync(transport).WithPatience());
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Requests_whose_time_goes_by_without_a_stream_find_the_pool_exhausted_too()
    {
        await using var upstream = new HoldingUpstream();
        await using var transport = Transport(upstream.Address);
        Assert.Equal(200, await StatusAsync(transport));
        var first = StatusAsync(transport);
        await upstream.HoldsAsync();

        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var waiting = Enumerable.Range(0, 10).Select(_ => transport.SendAsync(Get(), timeout.Token).AsTask()).ToList();
        Assert.All(await Task.WhenAll(waiting).WithPatience(), result => Assert.Equal(ForwardError.PoolExhausted, result.Error));

        upstream.Release();
        Assert.Equal(200, await first.WithPatience());
    }

    [Fact]
    public async Task Place_of_a_connection_past_its_lifetime_is_taken_though_a_stream_goes_on()
    {
        await using var upstream = new HoldingUpstream();
        await using var transport = Transport(upstream.Address, lifetime: TimeSpan.FromSeconds(1));
        Assert.Equal(200, await StatusAsync(transport));
        var held = StatusAsync(transport);
        await upstream.HoldsAsync();

        Assert.Equal(200, await StatusAsync(transport).WithPatience());

        Assert.InRange(upstream.Connections, 2, 3);
        Assert.False(held.IsCompleted);
        upstream.Release();
        Assert.Equal(200, await held.WithPatience());
    }

    [Fact]
    public async Task Place_of_a_connection_that_ended_is_taken_by_the_next()
    {
        await using var upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            await peer.SendHeadAsync(stream, true, (":status", "200"));
            await peer.GoAwayAsync(stream, 0);
            peer.Connection.Close();
        });
        await using var transport = Transport(upstream.Address);
        // A request may still be given the connection whose end is on its way; it fails then, and takes no place.
        for (var i = 0; i < 5; i++) await Eventually.HoldsAsync(() => IsAnsweredAsync(transport), "the request is answered");
        Assert.Equal(5, upstream.Connections);
    }

    private static async Task<bool> IsAnsweredAsync(SocketsTransport transport)
    {
        var result = await transport.SendAsync(Get(), CancellationToken.None);
        if (result.Response is null) return false;
        await using var response = result.Response;
        return response.StatusCode == 200;
    }

    private static async Task<int> StatusAsync(SocketsTransport transport)
    {
        var result = await transport.SendAsync(Get(), CancellationToken.None);
        Assert.True(result.Response is not null, result.Cause);
        await using var response = result.Response;
        return response.StatusCode;
    }

    private static UpstreamRequest Get() => new() { Method = "GET", Target = "/", Host = "a.example" };

    private const int MostInFlight = 100;

    private static UpstreamRequest Request() => new() { Method = "POST", Target = "/", Host = "a.example" };

    private static SocketsTransport Transport(Uri url, TimeSpan? connectTimeout = null, TimeSpan? lifetime = null)
    {
        Assert.True(UpstreamTls.TryLoad(new UpstreamTlsOptions(), null, out var tls, out _, out _));
        var cluster = new ClusterOptions
        {
            Destinations = [new DestinationOptions { Url = url }],
            Protocol = UpstreamProtocol.Http2,
            Connections = new ConnectionOptions { Maximum = 1, Queue = 0, ConnectTimeout = connectTimeout ?? Eventually.Patience, Lifetime = lifetime ?? TimeSpan.FromMinutes(5) },
        };
        return new SocketsTransport(new UpstreamEndpoint(url, cluster, tls, TimeProvider.System));
    }

    /// <summary>Allows one stream at a time from its first answer on (RFC 9113 §6.5.2), and holds the second request back until it is told not to.</summary>
    private sealed class HoldingUpstream : IAsyncDisposable
    {
        private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly RawUpstream upstream;
        private int heads;

        public HoldingUpstream() => upstream = RawHttp2Upstream.Start(async (peer, stream) =>
        {
            await peer.SendAsync(Http2FrameType.Settings, 0, 0, 0, 3, 0, 0, 0, 1);
            if (Interlocked.Increment(ref heads) == 2)
            {
                arrived.SetResult();
                await released.Task;
            }

            await peer.SendHeadAsync(stream, true, (":status", "200"));
        });

        public Uri Address => upstream.Address;

        public int Connections => upstream.Connections;

        public Task HoldsAsync() => arrived.Task.WithPatience();

        public void Release() => released.SetResult();

        public ValueTask DisposeAsync() => upstream.DisposeAsync();
    }
}
