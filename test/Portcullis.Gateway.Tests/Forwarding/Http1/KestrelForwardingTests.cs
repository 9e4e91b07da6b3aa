using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>The client between a real server's pipes and an upstream, octet for octet.</summary>
public sealed class KestrelForwardingTests
{
    [Theory]
    [InlineData(HttpProtocolKind.Http1)]
    [InlineData(HttpProtocolKind.Http2)]
    public async Task Bodies_of_all_sizes_pass_both_ways_unchanged(HttpProtocolKind protocol)
    {
        await using var upstream = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                var chunked = head.Contains("chunked\r\n", StringComparison.Ordinal);
                var body = string.Empty;
                if (chunked)
                    body = Unchunk(await peer.ReadChunkedAsync());
                else if (head.IndexOf("Content-Length: ", StringComparison.Ordinal) is >= 0 and var at)
                    body = await peer.ReadAsync(int.Parse(head.AsSpan(at + 16, head.IndexOf('\r', at) - at - 16)));
                await peer.WriteAsync(head.StartsWith("POST /chunked", StringComparison.Ordinal)
                    ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (body.Length == 0 ? "" : $"{body.Length:x}\r\n{body}\r\n") + "0\r\nX-Sum: 1\r\n\r\n"
                    : $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        });
        await using var client = new TestClient(upstream);
        await using var gateway = await StartAsync(client, protocol);
        using var http = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()), Timeout = Eventually.Patience };

        foreach (var path in new[] { "/length", "/chunked" })
        {
            foreach (var size in new[] { 0, 1, 100, 4_095, 16_384, 16_385, 32_768, 70_000, 500_000 })
            {
                var body = string.Create(size, size, static (span, seed) =>
                {
                    for (var i = 0; i < span.Length; i++)
                        span[i] = (char)('a' + ((i + seed) % 26));
                });
                foreach (var known in new[] { true, false })
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, path)
                    {
                        Version = protocol == HttpProtocolKind.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                        Content = new StringContent(body, Encoding.Latin1),
                    };
                    request.Headers.TransferEncodingChunked = !known && protocol == HttpProtocolKind.Http1;
                    if (!known)
                        request.Content.Headers.ContentLength = null;
                    using var response = await http.SendAsync(request);
                    Assert.Equal(body, await response.Content.ReadAsStringAsync());
                }
            }
        }

        // The next request may come before the last one's connection is given back, but not often.
        Assert.InRange(upstream.Accepted, 1, 4);
    }

    private static async Task<WebApplication> StartAsync(TestClient client, HttpProtocolKind protocol)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(
            IPAddress.Loopback, 0, l => l.Protocols = protocol == HttpProtocolKind.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(async context =>
        {
            var request = new UpstreamRequest
            {
                Method = context.Request.Method,
                Target = context.Request.Path,
                Host = "test.example",
                Body = context.Request.BodyReader,
                ContentLength = context.Request.ContentLength,
            };
            var result = await client.Transport.SendAsync(request, context.RequestAborted);
            await using var response = result.Response ?? throw new InvalidOperationException(result.Cause);
            context.Response.StatusCode = response.StatusCode;
            response.CopyFieldsTo(context.Response.Headers);
            var copied = await response.CopyBodyAsync(context.Response.BodyWriter, TimeSpan.FromMinutes(1), context.RequestAborted);
            if (copied.Error != ForwardError.None)
                context.Abort();
        });
        await app.StartAsync();
        return app;
    }

    private static string Unchunk(string text)
    {
        var body = new StringBuilder();
        for (var at = 0; ;)
        {
            var end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            var size = Convert.ToInt32(text[at..end], 16);
            if (size == 0)
                return body.ToString();
            body.Append(text, end + 2, size);
            at = end + 2 + size + 2;
        }
    }

    public enum HttpProtocolKind
    {
        Http1,
        Http2,
    }
}
