using System.Net;
using System.Net.Sockets;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

public sealed class StalledConsoleTests
{
    [Fact]
    public async Task A_standard_error_that_nobody_reads_stops_no_request()
    {
        await using var node = await Node.StartAsync(
            """
            data: ./data
            listeners:
              plain: { address: "{plain}", firewall: { default: allow, deny: [127.0.0.9/32] } }
            admin: { enabled: false }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
            telemetry: { logLevel: debug }
            """,
            readsErrors: false);

        // Each refused connection is a line, and a pipe holds 64 KiB, which are a few hundred; the queue behind it holds 2,500.
        for (var i = 0; i < 4000; i++) await KnockAsync(node.PlainPort);

        using var response = await node.GetAsync(node.Plain()).WithPatience();
        Assert.Equal(308, (int)response.StatusCode);
    }

    private static async Task KnockAsync(int port)
    {
        try
        {
            await using var stream = await LocalSocket.ConnectAsync(IPAddress.Parse("127.0.0.9"), new DnsEndPoint("127.0.0.1", port), CancellationToken.None);
            _ = await stream.ReadAsync(new byte[1]).AsTask().WithPatience();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Reset, as it should be.
        }
    }
}
