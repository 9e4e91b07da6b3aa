using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>A length among the trailer fields of a request (RFC 9110 §6.5.1) is the client's mistake, and no failure inside the gateway.</summary>
public sealed class HostileTrailerTests : IAsyncLifetime
{
    private readonly SignalLogging log = new();
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;
    private volatile int begun;

    public static TheoryData<string, bool> Trailers
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var trailer in (string[])["Content-Length: 5", "Content-Length: x", "content-length:", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: x", "X: y\r\nContent-Length: -1\r\nZ: y"])
            {
                data.Add(trailer, false);
                data.Add(trailer, true);
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            begun++;
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("all of it");
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: { address: "127.0.0.1:0" } }
            clusters: { main: { destinations: ["{{upstream.Url}}"] } }
            routes: { forwarded: { match: { path: /forwarded }, cluster: main, policies: { authenticate: none } } }
            """,
            loggers: log);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
        log.Dispose();
    }

    [Theory]
    [MemberData(nameof(Trailers))]
    public async Task Length_behind_a_forwarded_body_is_answered_400(string trailers, bool comesLater)
    {
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        await client.SendAsync("POST /forwarded HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        if (comesLater) await Eventually.HoldsAsync(() => begun > 0, "the request arrives");
        await client.SendAsync($"0\r\n{trailers}\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request.malformed\"", answer, StringComparison.Ordinal);
        await client.DisposeAsync();
        await EndsWithoutErrorAsync();
    }

    [Theory]
    [MemberData(nameof(Trailers))]
    public async Task Length_behind_a_body_that_nobody_reads_ends_the_connection(string trailers, bool comesLater)
    {
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        await client.SendAsync("POST /nothing HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        var answer = comesLater ? await client.ReadResponseAsync() : string.Empty;
        await client.SendAsync($"0\r\n{trailers}\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a.example\r\n\r\n");
        answer += await client.ReadToEndAsync();

        // What is behind it is not read.
        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.Equal(0, answer.LastIndexOf("HTTP/1.1", StringComparison.Ordinal));
        await client.DisposeAsync();
        await EndsWithoutErrorAsync();
    }

    private async Task EndsWithoutErrorAsync()
    {
        await Eventually.HoldsAsync(() => gateway.Host.Listeners["public"].Counters.Open == 0, "the connection ends");
        Assert.Empty(log.Errors);
    }
}
