using System.Net;
using System.Net.Sockets;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Admin;

public sealed class AdminAccessTests
{
    [Fact]
    public async Task An_address_that_is_not_allowed_gets_not_even_a_handshake()
    {
        Requirement.System(OperatingSystem.IsLinux(), "only Linux has all of 127.0.0.0/8 on its loopback");
        await using var node = await Node.StartAsync(
            """
            data: ./data
            listeners:
              public: { address: "{plain}" }
            admin: { address: "{admin}", allow: [127.0.0.2/32] }
            """);
        using var allowed = Node.CreateClient(HttpVersion.Version11, IPAddress.Parse("127.0.0.2"));
        using var stranger = Node.CreateClient(HttpVersion.Version11, IPAddress.Parse("127.0.0.3"));

        using (var response = await allowed.GetAsync(node.Admin("/health/live"))) Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // The gate may close the connection before the client has looked at it, which the client then reports as the socket's own error.
        var refused = await Record.ExceptionAsync(() => stranger.GetAsync(node.Admin("/health/live")));
        Assert.True(refused is HttpRequestException or SocketException, $"expected a closed connection, saw {refused}");
    }
}
