using System.Net.Sockets;
using System.Text;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>One connection of a <see cref="RawUpstream"/>.</summary>
internal sealed class RawUpstreamConnection(Socket socket) : IDisposable
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

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
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
