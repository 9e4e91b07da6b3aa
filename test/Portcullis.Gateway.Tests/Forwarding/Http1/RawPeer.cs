using System.Net.Sockets;
using System.Text;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>One connection seen from the upstream's side, octet by octet.</summary>
internal sealed class RawPeer(Stream stream, Socket socket, int number)
{
    private readonly byte[] one = new byte[1];

    /// <summary>First, second … connection of its server.</summary>
    public int Number => number;

    public Stream Stream => stream;

    public Socket Socket => socket;

    /// <summary>Reads to the end of a request head; null when the connection ends before any octet.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
            if (head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n')
                return head.ToString();
        }

        return head.Length == 0 ? null : throw new IOException("the request ended within its head");
    }

    public async Task<string> ReadAsync(int length)
    {
        var octets = new byte[length];
        await stream.ReadExactlyAsync(octets);
        return Encoding.Latin1.GetString(octets);
    }

    /// <summary>Reads to the end of the chunked coding, trailer section included; as it came.</summary>
    public async Task<string> ReadChunkedAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var line = await ReadLineAsync();
            text.Append(line).Append("\r\n");
            var size = Convert.ToInt32(line, 16);
            if (size > 0)
            {
                text.Append(await ReadAsync(size + 2));
                continue;
            }

            do
            {
                line = await ReadLineAsync();
                text.Append(line).Append("\r\n");
            }
            while (line.Length > 0);

            return text.ToString();
        }
    }

    public async Task WriteAsync(string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await stream.FlushAsync();
    }

    /// <summary>Closes with FIN; what is unread turns it into RST, as with any server.</summary>
    public void Close() => socket.Dispose();

    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    /// <summary>Waits until the other side has closed.</summary>
    public async Task ClosedAsync()
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

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] == '\n')
                return line.ToString(0, line.Length - 1);
            line.Append((char)one[0]);
        }

        throw new IOException("the request ended within a line");
    }
}
