using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>What leaves towards the upstream, and when.</summary>
public sealed class RequestSendingTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    public static TheoryData<Action<UpstreamRequest>> Malformed => new(
    [
        r => r.Method = "GE T",
        r => r.Method = "GET\r\n",
        r => r.Method = "",
        r => r.Method = "CONNECT",
        r => r.Target = "",
        r => r.Target = "http://evil/",
        r => r.Target = "/a b",
        r => r.Target = "/a\r\nEvil: 1",
        r => r.Target = "/\u00e9",
        r => r.Target = "/\0",
        r => r.Host = "",
        r => r.Host = "a\r\nEvil: 1",
        r => r.Host = "a b",
        r => r.Fields.Add(new("A\r\nEvil", "1")),
        r => r.Fields.Add(new("A B", "1")),
        r => r.Fields.Add(new("", "1")),
        r => r.Fields.Add(new("A:", "1")),
        r => r.Fields.Add(new("A", "1\r\nEvil: 1")),
        r => r.Fields.Add(new("A", "1\nEvil: 1")),
        r => r.Fields.Add(new("A", "1\rEvil: 1")),
        r => r.Fields.Add(new("A", new(["1", "2\r\nEvil: 1"]))),
        r => r.Fields.Add(new("A", "1\0")),
        r => r.Fields.Add(new("A", "\u007f")),
        r => r.Fields.Add(new("A", "\u0001")),
        r => r.Fields.Add(new("A", "\u010d\u010a")), // narrowed to octets it would be CR LF
        r => r.Fields.Add(new("Content-Length", "5")),
        r => r.Fields.Add(new("transfer-encoding", "chunked")),
        r => r.Fields.Add(new("CONNECTION", "close")),
        r => r.Fields.Add(new("Host", "evil")),
        r => r.Fields.Add(new("Expect", "100-continue")),
        r => r.Fields.Add(new("TE", "gzip")),
        r => r.Fields.Add(new("Upgrade", "h2c")),
        r => r.Upgrade = "websocket\r\nEvil: 1",
        r => r.Upgrade = "",
        r =>
        {
            r.Body = PipeReader.Create(Stream.Null);
            r.ContentLength = -1;
        },
    ]);

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_request_is_refused_and_nothing_of_it_sent(Action<UpstreamRequest> spoil)
    {
        var heads = new List<string>();
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                heads.Add(head);
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request();
        spoil(request);

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(request));
        Assert.Equal("ok", (await client.GetAsync()).Body);

        Assert.Equal(["GET / HTTP/1.1\r\nHost: test.example\r\n\r\n"], heads);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Octets_of_values_arrive_as_they_are()
    {
        string? head = null;
        await using var server = new RawServer(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nX-Back: \u00e9\t\u00ff\r\nContent-Length: 0\r\n\r\n");
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("OPTIONS", "*");
        request.Fields.Add(new("X-There", "\u00e9\t\u00ff"));

        var reply = await client.SendAsync(request);

        Assert.Equal("OPTIONS * HTTP/1.1\r\nHost: test.example\r\nX-There: \u00e9\t\u00ff\r\n\r\n", head);
        Assert.Equal("\u00e9\t\u00ff", reply.Headers["X-Back"]);
    }

    [Fact]
    public async Task Post_without_body_says_so_and_trailers_are_asked_for()
    {
        string? head = null;
        await using var server = new RawServer(async peer =>
        {
            head = await peer.ReadHeadAsync();
            await peer.WriteAsync(Ok);
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST");
        request.AcceptsTrailers = true;

        await client.SendAsync(request);

        Assert.Equal("POST / HTTP/1.1\r\nHost: test.example\r\nContent-Length: 0\r\nTE: trailers\r\nConnection: TE\r\n\r\n", head);
    }

    [Theory]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 1_000_000)]
    [InlineData(true, 32_768)]
    [InlineData(false, 32_768)]
    public async Task Large_body_arrives_whole(bool chunked, int length)
    {
        var body = string.Create(length, 0, static (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('a' + (i % 26));
        });
        var got = string.Empty;
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            got = chunked ? Unchunk(await peer.ReadChunkedAsync()) : await peer.ReadAsync(length);
            await peer.WriteAsync(Ok);
            await peer.ReadHeadAsync();
        });
        await using var client = new TestClient(server);

        var reply = await client.SendAsync(TestClient.Request("POST", body: body, chunked: chunked));

        Assert.Equal("ok", reply.Body);
        Assert.Equal(body, got);
        Assert.Equal(1, client.Transport.IdleConnections);
    }

    [Fact]
    public async Task Trailers_of_the_request_are_sent_and_forbidden_ones_dropped()
    {
        var got = string.Empty;
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            got = await peer.ReadChunkedAsync();
            await peer.WriteAsync(Ok);
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc", chunked: true);
        request.Trailers = () => new HeaderDictionary { ["X-Sum"] = "1", ["Content-Length"] = "9", ["Host"] = "evil", ["Authorization"] = "x" };

        Assert.Equal("ok", (await client.SendAsync(request)).Body);
        Assert.Equal("3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", got);
    }

    [Fact]
    public async Task Malformed_trailer_fails_the_request_before_its_end()
    {
        var ended = false;
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.ReadChunkedAsync();
            ended = true;
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc", chunked: true);
        request.Trailers = () => new HeaderDictionary { ["X-Sum"] = "1\r\n\r\nGET /evil HTTP/1.1" };

        Assert.Equal(ForwardError.RequestBody, (await client.SendAsync(request)).Error);
        Assert.False(ended);
    }

    [Fact]
    public async Task Body_that_is_taken_back_while_it_is_sent_costs_no_place_in_the_pool()
    {
        await using var server = new RawServer(peer => peer.ClosedAsync());
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc", chunked: true);
        request.Body = new BrokenBody(onRead: null, onAdvance: new InvalidOperationException("the reader was completed"));

        Assert.Equal(ForwardError.ClientAborted, (await client.SendAsync(request)).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Failure_that_nobody_foresaw_costs_no_place_in_the_pool()
    {
        await using var server = new RawServer(peer => peer.ClosedAsync());
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc", chunked: true);
        request.Body = new BrokenBody(onRead: new NotSupportedException(), onAdvance: null);

        await Assert.ThrowsAsync<NotSupportedException>(() => client.SendAsync(request));
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Theory]
    [InlineData(5, ForwardError.RequestBody)]
    [InlineData(1, ForwardError.RequestBody)]
    public async Task Body_that_is_not_as_long_as_stated_fails_the_request(int stated, ForwardError error)
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc");
        request.ContentLength = stated;

        Assert.Equal(error, (await client.SendAsync(request)).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Theory]
    [InlineData(StatusCodes.Status413PayloadTooLarge, ForwardError.RequestTooLarge)]
    [InlineData(StatusCodes.Status408RequestTimeout, ForwardError.RequestTimeout)]
    [InlineData(StatusCodes.Status400BadRequest, ForwardError.RequestBody)]
    [InlineData(0, ForwardError.ClientAborted)]
    public async Task Failure_of_the_clients_body_is_the_clients(int status, ForwardError error)
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);
        var pipe = new Pipe();
        var request = TestClient.Request("POST");
        request.Body = pipe.Reader;
        await pipe.Writer.WriteAsync("abc"u8.ToArray());

        var sending = client.SendAsync(request);
        await pipe.Writer.CompleteAsync(status == 0 ? new IOException("reset") : new BadHttpRequestException("no", status));

        Assert.Equal(error, (await sending).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
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
}
