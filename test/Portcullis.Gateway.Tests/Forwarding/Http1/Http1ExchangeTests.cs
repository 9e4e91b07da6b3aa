using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

public sealed class Http1ExchangeTests
{
    [Fact]
    public async Task Get_is_sent_as_one_request_and_answered()
    {
        string? head = null;
        await using var server = new RawServer(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Thing: a\r\nX-Thing: b\r\nContent-Length: 5\r\n\r\nhello");
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request(target: "/a?b=c");
        request.Fields.Add(new("Accept", "*/*"));
        request.Fields.Add(new("X-Two", new(["1", "2"])));

        var reply = await client.SendAsync(request);

        Assert.Equal("GET /a?b=c HTTP/1.1\r\nHost: test.example\r\nAccept: */*\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n", head);
        Assert.Equal(200, reply.Status);
        Assert.Equal("hello", reply.Body);
        Assert.Equal(new CopyResult(ForwardError.None, 5, null), reply.Copy);
        Assert.Equal("text/plain", reply.Headers.ContentType);
        Assert.Equal("a,b", reply.Headers["X-Thing"].ToString());
        Assert.Equal(5, reply.Headers.ContentLength);
    }

    [Fact]
    public async Task Chunked_body_and_trailers_are_passed_on_without_their_framing()
    {
        await using var server = RawServer.Answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"\"\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n");
        await using var client = new TestClient(server);

        for (var i = 0; i < 2; i++)
        {
            var reply = await client.GetAsync();

            Assert.Equal("hello world", reply.Body);
            Assert.Equal("1", reply.Trailers["X-Sum"]);
            Assert.Single(reply.Trailers);
            Assert.Empty(reply.Headers);
        }

        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Small_body_is_sent_and_the_connection_reused(bool chunked)
    {
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                var body = head.Contains("chunked", StringComparison.Ordinal) ? await peer.ReadChunkedAsync() : await peer.ReadAsync(5);
                await peer.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        });
        await using var client = new TestClient(server);

        for (var i = 0; i < 3; i++)
        {
            var reply = await client.SendAsync(TestClient.Request("POST", body: "hello", chunked: chunked));
            Assert.Equal(chunked ? "5\r\nhello\r\n0\r\n\r\n" : "hello", reply.Body);
        }

        Assert.Equal(1, server.Accepted);
    }
}
