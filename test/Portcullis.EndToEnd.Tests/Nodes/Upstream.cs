using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>The service behind the gateways of these tests.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly TestUpstream server;
    private readonly TaskCompletionSource release;
    private readonly TaskCompletionSource arrived;

    private Upstream(TestUpstream server, TaskCompletionSource release, TaskCompletionSource arrived)
    {
        this.server = server;
        this.release = release;
        this.arrived = arrived;
    }

    public string Url => server.Url;

    /// <summary>Ends when a request for <c>…/slow</c> is here.</summary>
    public Task SlowArrived => arrived.Task.WithPatience();

    public static async Task<Upstream> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await TestUpstream.StartAsync(context => AnswerAsync(context, release.Task, arrived), protocols);
        return new Upstream(server, release, arrived);
    }

    /// <summary>Lets requests for <c>…/slow</c> end.</summary>
    public void Release() => release.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await server.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, Task release, TaskCompletionSource arrived)
    {
        var response = context.Response;
        switch (context.Request.Path.Value!.Split('/')[^1])
        {
            case "slow":
                arrived.TrySetResult();
                await release.WaitAsync(context.RequestAborted);
                await response.WriteAsync("slow but whole");
                break;
            case "page":
                response.ContentType = "text/html; charset=utf-8";
                await response.WriteAsync("<!doctype html><title>page</title><p id=\"answer\">through the gateway</p>");
                break;
            case "socket":
                using (var socket = await context.WebSockets.AcceptWebSocketAsync()) await EchoAsync(socket, context.RequestAborted);
                break;
            case "echo":
                await context.Request.Body.CopyToAsync(response.Body, context.RequestAborted);
                break;
            case "grpc":
                response.ContentType = "application/grpc";
                response.DeclareTrailer("grpc-status");
                await context.Request.Body.CopyToAsync(response.Body, context.RequestAborted);
                response.AppendTrailer("grpc-status", "0");
                break;
            default:
                await response.WriteAsync(context.Request.Method + " " + context.Request.Path);
                break;
        }
    }

    private static async Task EchoAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close) break;
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, cancellationToken);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }
}
