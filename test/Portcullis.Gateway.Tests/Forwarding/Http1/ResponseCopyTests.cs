using System.IO.Pipelines;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>What becomes of a response on its way to the client, who may be slow or gone.</summary>
public sealed class ResponseCopyTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Client_that_does_not_take_the_response_is_left_after_the_idle_timeout()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('x', 100_000));
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, clock: clock);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        await using var body = result.Response!;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));

        var copying = body.CopyBodyAsync(pipe.Writer, TimeSpan.FromSeconds(10), CancellationToken.None).AsTask();
        await clock.AdvanceUntilAsync(copying);

        Assert.Equal(ForwardError.ClientIdle, (await copying).Error);
    }

    [Fact]
    public async Task Client_that_is_gone_closes_the_upstream_connection()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\n\r\nabc");
            await peer.ClosedAsync();
            closed.SetResult();
        });
        await using var client = new TestClient(server);
        using var gone = new CancellationTokenSource();
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        var pipe = new Pipe();

        var copying = result.Response!.CopyBodyAsync(pipe.Writer, TimeSpan.FromMinutes(1), gone.Token).AsTask();
        await pipe.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
        await gone.CancelAsync();

        Assert.Equal(ForwardError.ClientAborted, (await copying.WaitAsync(Eventually.Patience)).Error);
        await closed.Task.WaitAsync(Eventually.Patience);
        await result.Response.DisposeAsync();
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Client_that_stopped_reading_ends_the_copy()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('x', 100_000));
        await using var client = new TestClient(server);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        var copied = await result.Response!.CopyBodyAsync(pipe.Writer, TimeSpan.FromMinutes(1), CancellationToken.None);
        await result.Response.DisposeAsync();

        Assert.Equal(ForwardError.ClientAborted, copied.Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Event_stream_shows_its_head_before_any_event()
    {
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            await more.Task;
            await peer.WriteAsync("3\r\nabc\r\n0\r\n\r\n");
        });
        await using var client = new TestClient(server);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        await using var response = result.Response!;
        var writer = new FlushCountingWriter();

        var copying = response.CopyBodyAsync(writer, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
        await writer.FirstFlush.WaitAsync(Eventually.Patience);
        Assert.Equal(0, writer.OctetsAtFirstFlush);
        more.SetResult();

        Assert.Equal(3, (await copying.WaitAsync(Eventually.Patience)).Bytes);
    }

    [Theory]
    [InlineData(1_000, 1)]
    [InlineData(1_000_000, 200)]
    public async Task Body_of_known_length_is_flushed_first_with_octets_of_its_own(int length, int atMost)
    {
        await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n" + new string('x', length));
        await using var client = new TestClient(server);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        await using var response = result.Response!;
        var writer = new FlushCountingWriter();

        var copied = await response.CopyBodyAsync(writer, TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Equal(new CopyResult(ForwardError.None, length, null), copied);
        Assert.True(writer.OctetsAtFirstFlush > 0);
        Assert.Equal(0, writer.Unflushed);
        Assert.InRange(writer.Flushes, 1, atMost);
    }

    [Fact]
    public async Task Long_run_of_tiny_chunks_that_are_all_there_is_copied_without_deep_stacks()
    {
        const int Count = 200_000;
        await using var server = RawServer.Answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1\r\nx\r\n", Count)) + "0\r\n\r\n");
        await using var client = new TestClient(server);
        var result = await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None);
        await using var response = result.Response!;
        var writer = new FlushCountingWriter();

        Assert.Equal(new CopyResult(ForwardError.None, Count, null), await response.CopyBodyAsync(writer, TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.InRange(writer.Flushes, 1, Count / 100);
    }

    [Fact]
    public async Task Fields_of_this_connection_are_not_passed_on()
    {
        await using var server = RawServer.Answering(
            "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Private\r\nConnection: x-other\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nTE: trailers\r\n" +
            "Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nX-Private: 1\r\nX-Other: 2\r\nX-Public: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Private: 4\r\nX-Sum: 5\r\n\r\n");
        await using var client = new TestClient(server);

        var reply = await client.GetAsync();

        Assert.Equal(["X-Public"], reply.Headers.Keys);
        Assert.Equal(["X-Sum"], reply.Trailers.Keys);
    }

    [Fact]
    public async Task Length_of_a_response_without_content_is_dropped_and_of_head_kept()
    {
        await using var server = RawServer.Answering("HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n");
        await using var client = new TestClient(server);
        Assert.Null((await client.GetAsync()).Headers.ContentLength);

        await using var other = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
        await using var second = new TestClient(other);
        for (var i = 0; i < 2; i++)
        {
            var reply = await second.SendAsync(TestClient.Request("HEAD"));
            Assert.Equal(7, reply.Headers.ContentLength);
            Assert.Equal(0, reply.Copy.Bytes);
        }

        Assert.Equal(1, other.Accepted);
    }

    [Fact]
    public async Task Response_can_not_be_used_after_it_is_disposed_and_disposing_twice_is_harmless()
    {
        await using var server = RawServer.Answering(Ok);
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1 });
        var first = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        await TestClient.ReadAsync(first);
        await first.DisposeAsync();
        var second = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;

        await first.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => first.StatusCode);
        Assert.Equal("ok", (await TestClient.ReadAsync(second)).Body);
        await second.DisposeAsync();
        Assert.Equal(1, client.Transport.IdleConnections);
    }
}
