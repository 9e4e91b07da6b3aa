using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>A client that never reads can't hold its connection, whatever it is that can't be sent to it.</summary>
public sealed class UnreadingClientTests : IAsyncLifetime
{
    // A client may stay below a rate for more than half of it, and brief answers take less than all of it at any rate.
    private static readonly TimeSpan SendGrace = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider clock = new();
    private Socket client = null!;
    private Socket accepted = null!;

    public async ValueTask InitializeAsync() => (client, accepted) = await SocketPair.ConnectAsync();

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        accepted.Dispose();
        return default;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(240)]
    public async Task Refusal_that_is_not_taken_is_given_up(int rate)
    {
        using var wire = new Wire(LoopSocket.Accepted(accepted));
        await FillAsync();
        var serving = ServeAsync(wire, rate, "garbage\r\n\r\n");
        await GivesUpAsync(serving);

        Assert.DoesNotContain("HTTP/1.1", await ReadToResetAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(240)]
    public async Task Continue_that_is_not_taken_is_given_up(int rate)
    {
        using var wire = new Wire(LoopSocket.Accepted(accepted));
        await FillAsync();
        var serving = ServeAsync(wire, rate, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        await GivesUpAsync(serving);

        Assert.DoesNotContain("HTTP/1.1", await ReadToResetAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(240)]
    public async Task End_of_tls_that_is_not_taken_is_given_up(int rate)
    {
        var socket = LoopSocket.Accepted(accepted);
        using var store = CertificateStore.TryCreate("test", TestListener.Tls, TestListener.Services.DevelopmentCertificate, clock, NullLogger.Instance, [])!;
        await using var other = new SslStream(new NetworkStream(client, ownsSocket: false));
        var accepting = store.AcceptAsync(socket, default, CancellationToken.None).AsTask();
        await other.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost")).WithPatience();
        using var wire = new Wire(socket, await accepting.WithPatience());
        await FillAsync();
        var serving = ServeAsync(wire, rate, string.Empty);

        // No request comes, and the connection is to end for that.
        Assert.False(serving.IsCompleted);
        clock.Advance(new ListenerLimits().KeepAliveTimeout + TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(serving.IsCompleted);
            },
            "the connection is given up");

        await ReadToResetAsync();
    }

    [Fact]
    public async Task Answers_that_are_not_taken_are_given_up()
    {
        await using var gateway = await TestGateway.StartAsync("listeners: { public: { address: \"127.0.0.1:0\" } }", clock);
        client.Dispose();
        client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(gateway.EndPoint());
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 200)));
        var sending = Task.Run(async () =>
        {
            try
            {
                while (true) await client.SendAsync(requests);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // As it should.
            }
        });
        var counters = gateway.Host.Listeners["public"].Counters;
        await Eventually.HoldsAsync(() => counters.Open == 1, "the connection is accepted");
        try
        {
            await Eventually.HoldsAsync(
                () =>
                {
                    // No other time-out ends a connection that sends all the time.
                    clock.Advance(TimeSpan.FromMilliseconds(250));
                    return Task.FromResult(counters.Open == 0);
                },
                "the connection is given up");
        }
        finally
        {
            // By this clock a gateway that failed here would wait for its client for ever.
            client.Dispose();
        }

        await sending.WithPatience();
    }

    private Task ServeAsync(Wire wire, int rate, string early)
    {
        var limits = new ListenerLimits { MinimumResponseRate = rate };
        var sessions = new ClientSessions<IFeatureCollection>(new EchoApplication(), () => limits, TestListener.Services with { Time = clock }, NullLogger.Instance);
        var peer = (IPEndPoint)accepted.RemoteEndPoint!;
        var connection = new ClientConnection(new ConnectionRules("test", TestListener.Plain), peer);
        var session = new Http1Session(sessions, wire, connection, new ConnectionFeatures(accepted.LocalEndPoint, peer, null));
        return sessions.ServeAsync(session, Encoding.ASCII.GetBytes(early));
    }

    private async Task GivesUpAsync(Task serving)
    {
        clock.Advance(SendGrace / 2);
        Assert.False(serving.IsCompleted);
        clock.Advance(SendGrace / 2);
        await serving.WithPatience();
    }

    /// <summary>
    /// Leaves no room to send, as answers do that nobody reads. Of a fixed size, else the system makes more as time goes on; and what is acknowledged
    /// late, or taken by a probe of the window, makes some again for a while.
    /// </summary>
    private async Task FillAsync()
    {
        client.ReceiveBufferSize = accepted.SendBufferSize = 1 << 14;
        for (var quiet = 0; quiet < 12; quiet++)
        {
            foreach (var size in (int[])[1 << 20, 1 << 10, 1])
            {
                var octets = new byte[size];
                while (accepted.Send(octets, SocketFlags.None, out var error) > 0 || error == SocketError.Success) quiet = 0;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>All that lay there, up to the reset that must be behind it.</summary>
    private async Task<string> ReadToResetAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[1 << 16];
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (await client.ReceiveAsync(buffer, patience.Token) is > 0 and var length) text.Append(Encoding.Latin1.GetString(buffer, 0, length));
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        return text.ToString();
    }
}
