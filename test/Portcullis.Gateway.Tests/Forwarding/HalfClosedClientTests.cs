using System.Net.Sockets;
using System.Text;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>A client that has ended its sending is waited for a moment, whenever its end was seen.</summary>
public sealed class HalfClosedClientTests
{
    private const int Tcp = 6;
    private const int Cork = 3;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_whose_client_has_ended_its_sending_is_given_up_after_the_grace(bool endsAtOnce)
    {
        Requirement.System(OperatingSystem.IsLinux(), "elsewhere nobody is told of a client's end, and TCP_CORK is Linux's");
        var clock = new ManualTimeProvider();
        var ended = new TaskCompletionSource();
        var isOver = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            var end = connection.WaitForEndAsync();
            if (await Task.WhenAny(end, isOver.Task) == end) ended.TrySetResult();
            connection.Reset();
        });

        // It speaks HTTP/2 too, and so looks at the first octets before there is a session.
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: { address: "127.0.0.1:0", protocols: [http1, http2] } }
            clusters: { main: { destinations: ["{{upstream.Address.GetLeftPart(UriPartial.Authority)}}"], timeout: 1h } }
            routes: { all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } } }
            """,
            clock);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(gateway.EndPoint());

        // Corked, the request leaves in one segment with the end: whoever sees the one sees the other.
        if (endsAtOnce) client.SetRawSocketOption(Tcp, Cork, BitConverter.GetBytes(1));
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
        if (endsAtOnce) client.Shutdown(SocketShutdown.Send);
        await Eventually.HoldsAsync(() => upstream.Requests == 1, "the request arrives");
        if (!endsAtOnce)
        {
            // Without the end there is no reason to give it up.
            clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(1, gateway.Host.Listeners["public"].Counters.Open);
            client.Shutdown(SocketShutdown.Send);
        }

        try
        {
            await Eventually.HoldsAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromMilliseconds(250));
                    return Task.FromResult(ended.Task.IsCompleted);
                },
                "the upstream is let go");
        }
        finally
        {
            // By this clock a gateway that failed here would wait for its client for ever.
            isOver.SetResult();
        }

        await Eventually.HoldsAsync(() => gateway.Host.Listeners["public"].Counters.Open == 0, "the connection ends");
    }
}
