using System.Net;
using System.Net.Sockets;

namespace Portcullis.Benchmarks.Requests;

/// <summary>An upstream that answers every request with the same 1 KB, from threads that allocate nothing, so that what a process allocates is the gateway's.</summary>
internal sealed class BlockingUpstream : IDisposable
{
    private static readonly byte[] Answer =
        [.. "HTTP/1.1 200 OK\r\nServer: upstream\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\nETag: \"1\"\r\n\r\n"u8, .. new byte[1024]];

    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public BlockingUpstream()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Start(Accept);
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public void Dispose() => listener.Dispose();

    /// <summary>Where the body of a message begins that the octets are the start of; 0 where its head is not whole.</summary>
    public static int BodyStart(ReadOnlySpan<byte> octets) => octets.IndexOf("\r\n\r\n"u8) is >= 0 and var end ? end + 4 : 0;

    /// <summary>The length of the body that a head states.</summary>
    public static int BodyLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0) return 0;
        var length = 0;
        foreach (var digit in head[(at + 18)..])
        {
            if (digit == '\r') break;
            length = (length * 10) + (digit - '0');
        }

        return length;
    }

    private static void Start(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the measurement.
        }
    })
    {
        IsBackground = true,
    }.Start();

    private static void Serve(Socket connection)
    {
        using var _ = connection;
        connection.NoDelay = true;
        var octets = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var received = connection.Receive(octets.AsSpan(length), SocketFlags.None);
            if (received == 0) return;
            length += received;
            var body = BodyStart(octets.AsSpan(0, length));
            if (body == 0 || length < body + BodyLength(octets.AsSpan(0, body))) continue;
            connection.Send(Answer);
            length = 0;
        }
    }

    private void Accept()
    {
        while (true)
        {
            var connection = listener.Accept();
            Start(() => Serve(connection));
        }
    }
}
