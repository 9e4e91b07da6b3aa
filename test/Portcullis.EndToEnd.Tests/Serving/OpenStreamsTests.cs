using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>WebSockets and streams without an end of their own, while the process stops or their listener goes.</summary>
public sealed class OpenStreamsTests : IAsyncLifetime
{
    private Upstream upstream = null!;
    private Upstream grpc = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await Upstream.StartAsync();
        grpc = await Upstream.StartAsync(HttpProtocols.Http2);
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await grpc.DisposeAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_goes_on_while_the_process_stops_and_its_end_ends_the_process(string version)
    {
        await using var node = await Node.StartAsync(Configuration("50s"));
        using var socket = await ConnectAsync(node.PlainPort, version);
        await EchoAsync(socket);

        node.Process.Terminate();
        await Eventually.HoldsAsync(async () => await node.StatusAsync(node.Admin("/health/ready")) == HttpStatusCode.ServiceUnavailable, "the process stops");

        await EchoAsync(socket);
        var asked = TimeProvider.System.GetTimestamp();
        await CloseAsync(socket);
        Assert.Equal(0, await node.Process.ExitAsync());

        // A process that waits the stated time out, whoever is still there, ends much later.
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_WebSocket_that_stays_is_cut_after_the_stated_time(string version)
    {
        await using var node = await Node.StartAsync(Configuration("1s"));
        using var socket = await ConnectAsync(node.PlainPort, version);
        await EchoAsync(socket);
        var asked = TimeProvider.System.GetTimestamp();

        node.Process.Terminate();

        await Assert.ThrowsAsync<WebSocketException>(() => EchoAsync(socket, times: int.MaxValue));
        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_gRPC_stream_gets_its_last_message_and_its_status_while_the_process_stops()
    {
        await using var node = await Node.StartAsync(Configuration("20s"));
        using var client = Node.CreateClient(HttpVersion.Version20);
        var body = new Pipe();
        var request = new HttpRequestMessage(HttpMethod.Post, node.Plain("/grpc"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new FlushedContent(body.Reader) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        var first = Message("first");
        await body.Writer.WriteAsync(first);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WithPatience();
        await using var received = await response.Content.ReadAsStreamAsync();
        Assert.Equal(first, await ReadAsync(received, first.Length));

        node.Process.Terminate();
        await Eventually.HoldsAsync(async () => await node.StatusAsync(node.Admin("/health/ready")) == HttpStatusCode.ServiceUnavailable, "the process stops");

        var last = Message("last");
        await body.Writer.WriteAsync(last);
        Assert.Equal(last, await ReadAsync(received, last.Length));
        await body.Writer.CompleteAsync();
        Assert.Equal(0, await received.ReadAsync(new byte[1]).AsTask().WithPatience());
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Theory]
    [InlineData("1.1", "20s")]
    [InlineData("2.0", "20s")]
    [InlineData("1.1", "1s")]
    [InlineData("2.0", "1s")]
    public async Task A_WebSocket_outlives_its_listener_for_the_stated_time(string version, string time)
    {
        await using var node = await Node.StartAsync(Configuration(time));
        using var socket = await ConnectAsync(node.PlainPort, version);
        var port = Ports.Free();

        node.Configure(Configuration(time).Replace("{plain}", $"127.0.0.1:{port}", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => await node.VersionAsync() == 2, "the listener has moved");

        if (time == "1s")
        {
            await Assert.ThrowsAsync<WebSocketException>(() => EchoAsync(socket, times: int.MaxValue));
        }
        else
        {
            await EchoAsync(socket);
            await CloseAsync(socket);
        }

        using var young = await ConnectAsync(port, version);
        await EchoAsync(young);
        await CloseAsync(young);
    }

    private static async Task<ClientWebSocket> ConnectAsync(int port, string version)
    {
        // Goes with the process of the test: a socket over HTTP/2 needs it as long as it lives.
        var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        var socket = new ClientWebSocket { Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/socket"), invoker, timeout.Token);
        return socket;
    }

    private static async Task EchoAsync(ClientWebSocket socket, int times = 1)
    {
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        var buffer = new byte[16];
        for (var i = 0; i < times; i++)
        {
            await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
            var received = await socket.ReceiveAsync(buffer, timeout.Token);
            Assert.Equal("ping"u8, buffer.AsSpan(0, received.Count));
        }
    }

    private static async Task CloseAsync(ClientWebSocket socket)
    {
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", timeout.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var buffer = new byte[count];
        await stream.ReadExactlyAsync(buffer).AsTask().WithPatience();
        return buffer;
    }

    private static byte[] Message(string text)
    {
        var framed = new byte[5 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), text.Length);
        System.Text.Encoding.ASCII.GetBytes(text, framed.AsSpan(5));
        return framed;
    }

    private string Configuration(string shutdownTimeout) =>
        $$"""
        data: ./data
        shutdownTimeout: {{shutdownTimeout}}
        listeners:
          plain: { address: "{plain}" }
        admin: { address: "{admin}" }
        clusters:
          main: { destinations: ["{{upstream.Url}}"] }
          grpc: { destinations: ["{{grpc.Url}}"], protocol: http2 }
        routes:
          all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
          grpc: { match: { path: /grpc }, cluster: grpc, policies: { authenticate: none } }
        """;

    /// <summary>A body whose parts are sent as they come; the client holds those of a stream back until there are more of them.</summary>
    private sealed class FlushedContent(PipeReader source) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (await source.ReadAsync() is var read && !(read.IsCompleted && read.Buffer.IsEmpty))
            {
                foreach (var part in read.Buffer) await stream.WriteAsync(part);
                await stream.FlushAsync();
                source.AdvanceTo(read.Buffer.End);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
