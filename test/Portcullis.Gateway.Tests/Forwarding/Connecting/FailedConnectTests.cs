using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Connecting;

/// <summary>Connections to upstreams that don't come about leave nothing with the event loops. Alone, since all sockets of the process are counted.</summary>
[Collection(nameof(AloneCollection))]
public sealed class FailedConnectTests
{
    private const int Connects = 200;

    [Fact]
    public async Task Refused_connections_leave_no_socket_behind()
    {
        using var gone = Listen(out var port);
        gone.Dispose();
        var before = await SettleAsync();
        for (var i = 0; i < Connects; i++) Assert.Equal(ForwardError.Connect, (await Connector(port, TimeProvider.System).ConnectAsync(default)).Error);

        await LeavesNothingAsync(before);
    }

    [Fact]
    public async Task Connections_that_time_out_leave_no_socket_behind()
    {
        using var full = Listen(out var port);
        var waiting = await FillAsync(full);
        var before = await SettleAsync();
        var clock = new ManualTimeProvider();
        var connects = Enumerable.Range(0, Connects).Select(_ => Connector(port, clock).ConnectAsync(default).AsTask()).ToList();
        await Eventually.HoldsAsync(() => clock.ArmedTimers == Connects, "all wait");
        Assert.Equal(before + Connects, EventLoop.CountSockets());
        clock.Advance(TimeSpan.FromSeconds(6));
        foreach (var result in await Task.WhenAll(connects).WithPatience())
        {
            Assert.Equal(ForwardError.Connect, result.Error);
            Assert.EndsWith("no connection in time", result.Cause, StringComparison.Ordinal);
        }

        await LeavesNothingAsync(before);
        foreach (var socket in waiting) socket.Dispose();
    }

    [Fact]
    public async Task Connections_that_are_given_up_leave_no_socket_behind()
    {
        using var full = Listen(out var port);
        var waiting = await FillAsync(full);
        var before = await SettleAsync();
        using var stop = new CancellationTokenSource();
        var connects = Enumerable.Range(0, Connects).Select(_ => Connector(port, TimeProvider.System).ConnectAsync(stop.Token).AsTask()).ToList();
        Assert.Equal(before + Connects, EventLoop.CountSockets());
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(connects).WithPatience(), static result => Assert.Equal(ForwardError.Connect, result.Error));

        await LeavesNothingAsync(before);
        foreach (var socket in waiting) socket.Dispose();
    }

    private static UpstreamConnector Connector(int port, TimeProvider clock)
        => new("127.0.0.1", port, new AddressRules(new NetworkOptions()), TimeSpan.FromSeconds(5), clock);

    private static Socket Listen(out int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }

    /// <summary>Connects until no more are let in: what comes then gets no answer.</summary>
    private static async Task<List<Socket>> FillAsync(Socket full)
    {
        Requirement.System(OperatingSystem.IsLinux(), "other systems refuse connections beyond a listener's backlog");
        var waiting = new List<Socket>();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            waiting.Add(socket);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await socket.ConnectAsync(full.LocalEndPoint!, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return waiting;
            }
        }
    }

    /// <summary>The number of sockets once those of other tests have gone.</summary>
    private static async Task<int> SettleAsync()
    {
        var count = -1;
        await Eventually.HoldsAsync(
            () =>
            {
                var last = count;
                count = EventLoop.CountSockets();
                return Task.FromResult(count == last);
            },
            "the number stays");
        return count;
    }

    private static Task LeavesNothingAsync(int before)
        => Eventually.HoldsAsync(() => Task.FromResult(EventLoop.CountSockets() <= before), "the loops forget the sockets");
}
