using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>When a body is sent and when it is held back: 100 (Continue), answers before its end, back-pressure.</summary>
public sealed class RequestBodyPaceTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

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
}
