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

    [Fact]
    public async Task Body_waits_for_100_and_is_then_sent()
    {
        var order = new List<string>();
        await using var server = new RawServer(async peer =>
        {
            Assert.Contains("Expect: 100-continue\r\n", await peer.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.False(peer.Stream is System.Net.Sockets.NetworkStream { DataAvailable: true });
            order.Add("100");
            await peer.WriteAsync("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
            order.Add(await peer.ReadAsync(3));
            await peer.WriteAsync(Ok);
            await peer.ReadHeadAsync();
        });
        await using var client = new TestClient(server, clock: new ManualTimeProvider());
        var request = TestClient.Request("POST", body: "abc");
        request.ExpectContinue = true;

        Assert.Equal("ok", (await client.SendAsync(request)).Body);
        Assert.Equal(["100", "abc"], order);
        Assert.Equal(1, client.Transport.IdleConnections);
    }

    [Fact]
    public async Task Body_is_sent_after_a_second_without_word_of_100()
    {
        var head = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            head.SetResult();
            await peer.ReadAsync(3);
            await peer.WriteAsync(Ok);
        });
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, clock: clock);
        var request = TestClient.Request("POST", body: "abc");
        request.ExpectContinue = true;

        var sending = client.SendAsync(request);
        await head.Task.WaitAsync(Eventually.Patience);
        Assert.False(request.BodyStarted);
        await clock.AdvanceUntilAsync(sending);

        Assert.Equal("ok", (await sending).Body);
        Assert.True(request.BodyStarted);
    }

    [Fact]
    public async Task Final_response_instead_of_100_leaves_the_body_with_the_client()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);
        var request = TestClient.Request("POST", body: "abc");
        request.ExpectContinue = true;

        var reply = await client.SendAsync(request);

        Assert.Equal(417, reply.Status);
        Assert.Equal("no", reply.Body);
        Assert.False(request.BodyStarted);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Early_refusal_stops_the_body_and_is_passed_on()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);
        var pipe = new Pipe();
        var request = TestClient.Request("POST");
        request.Body = pipe.Reader;

        var reply = await client.SendAsync(request);

        Assert.Equal(413, reply.Status);
        Assert.Equal("no", reply.Body);
        Assert.Equal(0, client.Transport.OpenConnections);

        // The client's body is free again: a read of it is nobody else's.
        await pipe.Writer.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, (await pipe.Reader.ReadAsync()).Buffer.Length);
    }

    [Fact]
    public async Task Response_of_an_upstream_that_closed_within_the_body_is_passed_on()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        });
        await using var client = new TestClient(server);
        var pipe = new Pipe();
        var request = TestClient.Request("POST");
        request.Body = pipe.Reader;
        var writing = Task.Run(async () =>
        {
            while (!(await pipe.Writer.WriteAsync(new byte[16 * 1024])).IsCompleted)
            {
            }
        });

        var reply = await client.SendAsync(request);
        await pipe.Reader.CompleteAsync();
        await writing.WaitAsync(Eventually.Patience);

        Assert.Equal(413, reply.Status);
        Assert.Equal("no", reply.Body);
    }

    [Fact]
    public async Task Both_directions_flow_at_once()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var i = 0; i < 5; i++)
                await peer.WriteAsync($"3\r\n{(await peer.ReadAsync(8)).Substring(3, 3)}\r\n");
            await peer.ReadAsync(5);
            await peer.WriteAsync("0\r\n\r\n");
            await peer.ReadHeadAsync();
        });
        await using var client = new TestClient(server);
        var up = new Pipe();
        var down = new Pipe();
        var request = TestClient.Request("POST");
        request.Body = up.Reader;

        var result = await client.Transport.SendAsync(request, CancellationToken.None);
        var copying = result.Response!.CopyBodyAsync(down.Writer, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        for (var i = 0; i < 5; i++)
        {
            await up.Writer.WriteAsync(Encoding.ASCII.GetBytes($"n{i}!"));
            var echo = await down.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
            Assert.Equal($"n{i}!", Encoding.ASCII.GetString(echo.Buffer));
            down.Reader.AdvanceTo(echo.Buffer.End);
        }

        await up.Writer.CompleteAsync();
        Assert.Equal(15, (await copying.WaitAsync(Eventually.Patience)).Bytes);
        await result.Response.DisposeAsync();
    }

    [Fact]
    public async Task Body_is_read_no_faster_than_the_upstream_takes_it()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        const int Length = 64 * 1024 * 1024;
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await go.Task;
            var buffer = new byte[1024 * 1024];
            for (var left = Length; left > 0;)
                left -= await peer.Stream.ReadAsync(buffer);
            await peer.WriteAsync(Ok);
        });
        await using var client = new TestClient(server);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var request = TestClient.Request("POST");
        request.Body = pipe.Reader;
        request.ContentLength = Length;
        var written = 0;
        var writing = Task.Run(async () =>
        {
            var block = new byte[64 * 1024];
            for (; written < Length; written += block.Length)
                await pipe.Writer.WriteAsync(block);
            await pipe.Writer.CompleteAsync();
        });

        var sending = client.SendAsync(request);

        // Socket buffers take a few megabytes, then everything stands still.
        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(TimeSpan.FromMilliseconds(300)));
        Assert.InRange(Volatile.Read(ref written), 1, Length / 2);
        go.SetResult();
        Assert.Equal("ok", (await sending).Body);
        await writing;
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
