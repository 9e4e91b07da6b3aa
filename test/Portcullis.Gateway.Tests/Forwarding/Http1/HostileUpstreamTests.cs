using System.IO.Pipelines;
using System.Text;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>Upstreams that break off, drip, stall, lie or talk out of turn.</summary>
public sealed class HostileUpstreamTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: s\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\n\r\n")]
    public async Task Response_in_any_two_pieces_or_octet_by_octet_is_the_same(string response)
    {
        var split = 0;
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is not null)
            {
                if (split == 0)
                {
                    foreach (var c in response)
                        await peer.WriteAsync(c.ToString());
                }
                else
                {
                    await peer.WriteAsync(response[..split]);
                    await peer.WriteAsync(response[split..]);
                }
            }
        });
        await using var client = new TestClient(server);

        for (; split < response.Length; split++)
        {
            var reply = await client.GetAsync();
            Assert.Equal("hello", reply.Body);
            Assert.Equal("s", reply.Headers.Server);
        }

        Assert.Equal(1, server.Accepted);
    }

    [Theory]
    [InlineData("", ForwardError.NoResponse)]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\r\n", ForwardError.NoResponse)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", ForwardError.NoResponse)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n", ForwardError.InvalidResponse)]
    [InlineData("220 mail.example ESMTP\r\n", ForwardError.InvalidResponse)]
    [InlineData("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", ForwardError.InvalidResponse)]
    public async Task Connection_that_ends_without_a_head_or_with_a_wrong_one_is_an_error(string response, ForwardError error)
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(response);
        });
        await using var client = new TestClient(server);

        var reply = await client.GetAsync();

        Assert.Equal(error, reply.Error);
        Assert.NotEmpty(reply.Cause!);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", ForwardError.ResponseBody, 3)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc", ForwardError.ResponseBody, 3)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ForwardError.ResponseBody, 3)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n", ForwardError.ResponseBody, 3)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4", ForwardError.ResponseBody, 3)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", ForwardError.InvalidResponse, 3)]
    [InlineData("HTTP/1.1 205 Reset\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", ForwardError.InvalidResponse, 0)]
    [InlineData("HTTP/1.1 205 Reset\r\n\r\nabc", ForwardError.InvalidResponse, 0)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nabc", ForwardError.None, 3)]
    public async Task Body_that_ends_early_or_wrongly_is_an_error_and_never_complete(string response, ForwardError error, int octets)
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(response);
        });
        await using var client = new TestClient(server);

        var reply = await client.GetAsync();

        Assert.Equal(error, reply.Copy.Error);
        Assert.Equal(octets, reply.Copy.Bytes);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Theory]
    [InlineData(Ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData(Ok + "\r\n")]
    [InlineData("HTTP/1.1 204 No\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    public async Task Octets_after_a_response_never_answer_the_next_request(string response)
    {
        await using var server = RawServer.Answering(response);
        await using var client = new TestClient(server);

        for (var i = 1; i <= 3; i++)
        {
            Assert.NotEqual("evil", (await client.GetAsync()).Body);
            Assert.Equal(i, server.Accepted);
        }
    }

    [Fact]
    public async Task Response_before_its_request_never_answers_it()
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ask = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(Ok);
            if (peer.Number == 1)
            {
                await ask.Task;
                await peer.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                sent.SetResult();
            }

            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);

        Assert.Equal("ok", (await client.GetAsync()).Body);
        Assert.Equal(1, client.Transport.IdleConnections);
        ask.SetResult();
        await sent.Task;
        Assert.Equal("ok", (await client.GetAsync()).Body);
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task Endless_interim_responses_are_cut_off()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            while (true)
                await peer.WriteAsync("HTTP/1.1 102 Processing\r\n\r\n");
        });
        await using var client = new TestClient(server);

        Assert.Equal(ForwardError.InvalidResponse, (await client.GetAsync()).Error);
    }

    [Fact]
    public async Task Endless_head_is_cut_off()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\n");
            while (true)
                await peer.WriteAsync("X-Fill: " + new string('x', 2000) + "\r\n");
        });
        await using var client = new TestClient(server);

        Assert.Equal(ForwardError.InvalidResponse, (await client.GetAsync()).Error);
    }

    [Fact]
    public async Task Head_near_its_limit_is_read()
    {
        var value = new string('x', 30_000);
        await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\nA: b\r\nX-Fill: {value}\r\nContent-Length: 2\r\n\r\nok");
        await using var client = new TestClient(server);

        var reply = await client.GetAsync();

        Assert.Equal(value, reply.Headers["X-Fill"]);
        Assert.Equal("ok", reply.Body);
    }

    [Fact]
    public async Task Upstream_that_never_answers_is_left_when_the_token_fires()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 O");
            await peer.ClosedAsync();
        });
        await using var client = new TestClient(server);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var reply = await client.GetAsync(timeout.Token);

        Assert.Equal(ForwardError.Timeout, reply.Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Token_that_fires_after_the_head_changes_nothing()
    {
        await using var server = RawServer.Answering(Ok);
        await using var client = new TestClient(server);
        using var timeout = new CancellationTokenSource();

        var result = await client.Transport.SendAsync(TestClient.Request(), timeout.Token);
        await timeout.CancelAsync();
        await using var response = result.Response!;

        Assert.Equal("ok", (await TestClient.ReadAsync(response)).Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nabc")]
    public async Task Upstream_silent_within_a_body_is_left_after_the_idle_timeout(string response)
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(response);
            await peer.ClosedAsync();
        });
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, clock: clock);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        await using var body = result.Response!;
        var pipe = new Pipe();

        var copying = body.CopyBodyAsync(pipe.Writer, TimeSpan.FromSeconds(10), CancellationToken.None).AsTask();
        var read = await pipe.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
        Assert.Equal("abc", Encoding.ASCII.GetString(read.Buffer));
        pipe.Reader.AdvanceTo(read.Buffer.End);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(copying.IsCompleted);

        // The wait may begin a moment after the flush was seen: the clock goes on until it is over.
        await clock.AdvanceUntilAsync(copying);
        Assert.Equal(new CopyResult(ForwardError.ResponseIdle, 3, "the upstream was silent within the body"), await copying);
    }
}
