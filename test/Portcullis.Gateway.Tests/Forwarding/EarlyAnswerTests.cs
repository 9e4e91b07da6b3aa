using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Upstreams that answer before they have read the request's body. The client's connection is none of their business.</summary>
public sealed class EarlyAnswerTests
{
    [Theory]
    [InlineData("200 OK", false)]
    [InlineData("200 OK", true)]
    [InlineData("400 Bad Request", false)]
    [InlineData("400 Bad Request", true)]
    public async Task Client_connection_stays_usable_when_the_upstream_answers_before_the_body(string status, bool chunked)
    {
        using var ended = new SemaphoreSlim(0);
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            await connection.WaitForEndAsync();
            ended.Release();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        var (framing, first, rest) = chunked
            ? ("Transfer-Encoding: chunked", "1\r\na\r\n", $"2000\r\n{new string('b', 8192)}\r\n0\r\n\r\n")
            : ("Content-Length: 10000", "a", new string('b', 9999));
        for (var request = 1; request <= 5; request++)
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: a.example\r\n{framing}\r\n\r\n{first}");
            var response = await client.ReadResponseAsync();
            Assert.StartsWith($"HTTP/1.1 {status}", response, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nok", response, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", response, StringComparison.OrdinalIgnoreCase);
            Assert.True(await ended.WaitAsync(Eventually.Patience));
            await client.SendAsync(rest);
        }

        Assert.Equal(5, upstream.Requests);
    }
}
