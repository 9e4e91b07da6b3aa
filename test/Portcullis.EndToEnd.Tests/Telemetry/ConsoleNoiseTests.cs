using System.Net;
using System.Net.Sockets;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class ConsoleNoiseTests
{
    /// <summary>The preface, empty SETTINGS, and HEADERS whose block is the index 0 that RFC 7541 §6.1 forbids.</summary>
    private static readonly byte[] Hostile = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 0, 0, 0, 1, 0x80];

    // A stack trace for each connection would let anybody fill the disk that keeps the log.
    [Fact]
    public async Task What_clients_send_writes_nothing_to_the_console()
    {
        await using var node = await Node.StartAsync(
            """
            data: ./data
            listeners: { plain: { address: "{plain}" } }
            admin: { enabled: false }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
            """);
        for (var i = 0; i < 20; i++) await SendAsync(node.PlainPort, Hostile);
        await SendAsync(node.PlainPort, "\0\r\n\r\n"u8.ToArray());
        await SendAsync(node.PlainPort, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"u8.ToArray());
        node.Process.Terminate();
        await node.Process.ExitAsync();

        Assert.DoesNotContain(node.Process.Error.Lines, line => line.Contains("Kestrel", StringComparison.Ordinal));
    }

    private static async Task SendAsync(int port, byte[] octets)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(octets);
        try
        {
            while (await stream.ReadAsync(new byte[1024]).AsTask().WithPatience() > 0)
            {
                // Until the gateway closes it.
            }
        }
        catch (IOException)
        {
            // Reset, which ends it as well.
        }
    }
}
