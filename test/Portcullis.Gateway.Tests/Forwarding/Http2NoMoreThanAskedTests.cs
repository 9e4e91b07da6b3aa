using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>An HTTP/2 upstream's answer makes the gateway do nothing but pass it on: it goes nowhere else, remembers nothing and unpacks nothing.</summary>
public sealed class Http2NoMoreThanAskedTests
{
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_is_the_clients_to_follow(int status)
    {
        await using var bait = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var upstream = await TransportKind.Http2.UpstreamAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = bait.Address.ToString();
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal((status, bait.Address), ((int)response.StatusCode, response.Headers.Location));
        Assert.Equal(0, bait.Connections);
    }

    [Fact]
    public async Task Cookie_of_one_client_is_not_sent_for_the_next()
    {
        var seen = new List<string>();
        await using var upstream = await TransportKind.Http2.UpstreamAsync(context =>
        {
            lock (seen) seen.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "session=of-the-first; Path=/";
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        for (var i = 0; i < 2; i++)
        {
            using var response = await gateway.Client.GetAsync("/");
            Assert.Equal("session=of-the-first; Path=/", Assert.Single(response.Headers.GetValues("Set-Cookie")));
        }

        Assert.Equal([string.Empty, string.Empty], seen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Encoded_body_passes_as_it_is_and_is_asked_for_by_the_client_alone(string? accepted)
    {
        var packed = Pack("a body that is packed");
        string? asked = null;
        await using var upstream = await TransportKind.Http2.UpstreamAsync(async context =>
        {
            asked = context.Request.Headers.AcceptEncoding.ToString();
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.ContentLength = packed.Length;
            await context.Response.Body.WriteAsync(packed);
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accepted is not null) request.Headers.Add("Accept-Encoding", accepted);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(packed, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        Assert.Equal(packed.Length, response.Content.Headers.ContentLength);
        Assert.Equal(accepted ?? string.Empty, asked);
    }

    [Theory]
    [InlineData("Basic realm=\"upstream\"")]
    [InlineData("Negotiate")]
    public async Task Challenge_is_the_clients_to_answer(string challenge)
    {
        var requests = 0;
        await using var upstream = await TransportKind.Http2.UpstreamAsync(context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = challenge;
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(1, requests);
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
