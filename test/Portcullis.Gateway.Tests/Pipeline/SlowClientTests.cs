using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>A client that asks for much and takes nothing of it holds neither its upstream connection nor its place for long.</summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private readonly TaskCompletionSource upstreamIsFree = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            if (context.Request.Path == "/small")
            {
                await context.Response.WriteAsync("small");
                return;
            }

            using var registration = context.RequestAborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), upstreamIsFree);
            var octets = new byte[64 * 1024];
            try
            {
                while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(octets, context.RequestAborted);
            }
            finally
            {
                // A write may notice the end before the token does.
                upstreamIsFree.TrySetResult();
            }
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"], retries: 0, idleTimeout: 1s, connections: { maximum: 1 } }
            routes:
              all: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Client_of_http1_that_reads_nothing_frees_the_upstream()
    {
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        await client.SendAsync("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");

        await upstreamIsFree.Task.WaitAsync(Eventually.Patience);
        Assert.EndsWith("small\r\n0\r\n\r\n", await GetSmallAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_of_http2_that_never_opens_its_window_frees_the_upstream()
    {
        await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint());
        await client.SendHeadersAsync(1, RawHttp2Client.Request(path: "/endless"));
        Assert.True((await client.ReadReplyAsync(1)).IsCut);

        await upstreamIsFree.Task.WaitAsync(Eventually.Patience);
        Assert.EndsWith("small\r\n0\r\n\r\n", await GetSmallAsync(), StringComparison.Ordinal);
    }

    private Task<string> GetSmallAsync() => RawHttp.SendAsync(gateway.EndPoint(), "GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}
