using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>
/// Connections that break while a request is sent. Through a gateway the break is mostly found by reading, on another thread; here the
/// connection has been reset before anything is sent.
/// </summary>
public sealed class BrokenSendTests
{
    [Theory]
    [InlineData(false, "GET", ForwardError.Send, false)]
    [InlineData(false, "POST", ForwardError.Send, false)]
    [InlineData(true, "GET", ForwardError.StaleConnection, true)]
    [InlineData(true, "POST", ForwardError.StaleConnection, true)]
    public async Task Connection_that_takes_no_octet_fails_the_sending_and_is_replaced_where_it_was_used_before(bool reused, string method, ForwardError error, bool goesOnAFreshOne)
    {
        using var connection = new Http1Connection(await ResetAsync(), new ConnectionClock(TimeProvider.System));
        Assert.Null(connection.Exchange.Prepare(new UpstreamRequest { Method = method, Target = "/", Host = "a.example" }));

        var result = await connection.Exchange.RunAsync(reused, CancellationToken.None);

        Assert.Equal((error, goesOnAFreshOne), (result.Error, result.RetryOnFresh));
    }

    /// <summary>A socket that knows that its peer has reset the connection.</summary>
    private static async Task<LoopSocket> ResetAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!);
        var peer = await listener.AcceptAsync();
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();
        await Eventually.HoldsAsync(() => socket.Poll(0, SelectMode.SelectRead), "the reset arrives");
        return LoopSocket.Accepted(socket);
    }
}
