using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>A body that is larger than the listener takes, on its way to an upstream, whether its length was stated or not.</summary>
public sealed class BodyLimitTests : IAsyncLifetime
{
    private const int Limit = 64 * 1024;

    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            await context.Response.WriteAsync($"length={body.Length}.");
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0, limits: { bodyBytes: {{Limit}}B } }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"], retries: 0 }
            routes:
              all: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData(1, true, Limit, 200)]
    [InlineData(1, false, Limit - 16, 200)] // the framing of chunks counts
    [InlineData(2, true, Limit, 200)]
    [InlineData(2, false, Limit, 200)]
    [InlineData(1, true, Limit + 1, 413)]
    [InlineData(1, false, Limit + 1, 413)]
    [InlineData(2, true, Limit + 1, 413)]
    [InlineData(2, false, Limit + 1, 413)]
    public async Task Body_is_taken_up_to_the_limit(int version, bool isLengthStated, int length, int status)
    {
        await using var connection = version == 1 ? await RawConnection.OpenAsync(gateway.EndPoint()) : null;
        await using var client = version == 2 ? await RawHttp2Client.ConnectAsync(gateway.EndPoint()) : null;
        var (found, text) = connection is not null
            ? await PostAsync(connection, isLengthStated, length)
            : await PostAsync(client!, isLengthStated, length);

        Assert.Equal(status, found);
        Assert.Contains(status == 200 ? $"length={length}." : "request.too_large", text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Text)> PostAsync(RawConnection connection, bool isLengthStated, int length)
    {
        var framing = isLengthStated ? $"Content-Length: {length}\r\n\r\n" : $"Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n";
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}");
        try
        {
            await connection.SendAsync(new string('x', length) + (isLengthStated ? string.Empty : "\r\n0\r\n\r\n"));
        }
        catch (IOException)
        {
            // Refused before it was all sent.
        }

        var answer = await connection.ReadToEndAsync();
        return (int.Parse(answer.AsSpan(9, 3)), answer);
    }

    private static async Task<(int Status, string Text)> PostAsync(RawHttp2Client client, bool isLengthStated, int length)
    {
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", more: isLengthStated ? [("content-length", $"{length}")] : []), endStream: false);
        var octets = Encoding.ASCII.GetBytes(new string('x', length));
        for (var at = 0; at < length; at += 16384)
        {
            var part = octets[at..Math.Min(length, at + 16384)];
            try
            {
                await client.SendDataAsync(1, part, endStream: at + part.Length == length);
            }
            catch (IOException)
            {
                break;
            }
        }

        var reply = await client.ReadReplyAsync(1);
        return (reply.Status, reply.Text);
    }
}
