using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Scheduling;

public sealed class GreedyCopyTests
{
    [Fact]
    public async Task Endless_bodies_in_both_directions_leave_others_their_turn()
    {
        await using var upstream = await TestUpstream.StartAsync(ServeAsync);
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0, limits: { bodyBytes: 100GiB } }
            clusters: { it: { destinations: ["{{upstream.Url}}"] } }
            routes:
              all: { match: { path: "/{**rest}" }, cluster: it, policies: { authenticate: none } }
            """);
        using var client = gateway.Client();
        using var stop = new CancellationTokenSource();
        var moved = new long[8];
        var greedy = Enumerable.Range(0, moved.Length).Select(n => n % 2 == 0 ? DownloadAsync(gateway, moved, n, stop.Token) : UploadAsync(gateway, moved, n, stop.Token)).ToArray();
        await Eventually.HoldsAsync(() => Enumerable.Range(0, moved.Length).All(n => Volatile.Read(ref moved[n]) > 1024 * 1024), "each of them moves a megabyte");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("small", await client.GetStringAsync(gateway.Address("/small"), TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        }

        Assert.All(greedy, each => Assert.False(each.IsCompleted));
        await stop.CancelAsync();
        await Task.WhenAll(greedy);
    }

    private static async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path == "/small")
        {
            await context.Response.WriteAsync("small");
            return;
        }

        var buffer = new byte[64 * 1024];
        try
        {
            if (HttpMethods.IsPost(context.Request.Method))
            {
                while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0) { }
                return;
            }

            while (true) await context.Response.Body.WriteAsync(buffer, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The test is over.
        }
    }

    private static async Task DownloadAsync(TestGateway gateway, long[] moved, int index, CancellationToken stop)
    {
        using var client = gateway.Client();
        await using var body = await client.GetStreamAsync(gateway.Address("/endless"), stop);
        var buffer = new byte[64 * 1024];
        try
        {
            while (await body.ReadAsync(buffer, stop) is > 0 and var read) Interlocked.Add(ref moved[index], read);
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private static async Task UploadAsync(TestGateway gateway, long[] moved, int index, CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.EndPoint(), stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes("POST /endless HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n"), stop);
        var buffer = new byte[64 * 1024];
        try
        {
            while (true) Interlocked.Add(ref moved[index], await socket.SendAsync(buffer, stop));
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
