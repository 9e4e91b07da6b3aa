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
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        accepting = AcceptAsync();
    }

    public Uri Url { get; }

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
        var connection = new RawUpstreamConnection(socket);
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
        finally
        {
            socket.Dispose();
        }
    }
}

/// <summary>One connection of a <see cref="RawUpstream"/>.</summary>
internal sealed class RawUpstreamConnection(Socket socket)
{
    private readonly NetworkStream stream = new(socket);

    public Stream Stream => stream;

    public Task SendAsync(string octets) => stream.WriteAsync(Encoding.Latin1.GetBytes(octets)).AsTask();

    /// <summary>The next request's head; null at the end of the connection.</summary>
    public async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, cancellationToken) == 1)
        {
            head.Append((char)octet[0]);
            if (octet[0] == '\n' && head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) return head.ToString();
        }

        return null;
    }

    /// <summary>An orderly end.</summary>
    public void Close()
    {
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }

    /// <summary>Waits until the peer has closed.</summary>
    public async Task WaitForEndAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
        }
    }
}
