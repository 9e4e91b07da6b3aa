using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>An upstream that answers with whatever octets a test wants.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly Socket listener;
    private readonly Func<RawUpstreamConnection, string, Task> answer;
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private int requests;
    private int connections;

    private RawUpstream(Func<RawUpstreamConnection, string, Task> answer)
    {
        this.answer = answer;
        listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Request heads that have arrived.</summary>
    public int Requests => Volatile.Read(ref requests);

    public int Connections => Volatile.Read(ref connections);

    /// <param name="answer">Gets the connection and each request's head, in turn.</param>
    public static RawUpstream Start(Func<RawUpstreamConnection, string, Task> answer) => new(answer);

    /// <summary>Answers every request with these octets, then closes.</summary>
    public static RawUpstream Saying(string response) => new(async (connection, _) =>
    {
        await connection.SendAsync(response);
        connection.Close();
    });

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stop.Token);
                Interlocked.Increment(ref connections);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new RawUpstreamConnection(socket);
        try
        {
            while (await connection.ReadHeadAsync(stop.Token) is { } head)
            {
                Interlocked.Increment(ref requests);
                await answer(connection, head);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
