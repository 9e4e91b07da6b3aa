using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Connecting;

namespace Portcullis.Gateway.Tests.Forwarding.Connecting;

public sealed class UpstreamConnectorTests
{
    private static readonly AddressRules Rules = new(new NetworkOptions());
    private static readonly AddressRules LoopbackRules = new(new NetworkOptions { Allow = [Cidr.Parse("127.0.0.0/8", null), Cidr.Parse("::1", null)] });

    [Fact]
    public async Task Address_is_connected_to_as_written()
    {
        using var listener = Listen(out var port);
        var result = await Connector("127.0.0.1", port, Rules).ConnectAsync(default);
        Assert.Equal(ForwardError.None, result.Error);
        using var accepted = await listener.AcceptAsync().WaitAsync(Eventually.Patience);
        result.Socket!.Dispose();
    }

    [Fact]
    public async Task Localhost_is_not_asked_of_a_name_server()
    {
        using var listener = Listen(out var port);
        var result = await Connector("localhost", port, Rules).ConnectAsync(default);
        Assert.Equal(ForwardError.None, result.Error);
        result.Socket!.Dispose();
    }

    [Fact]
    public async Task Name_that_resolves_to_a_forbidden_address_is_not_connected_to()
    {
        using var listener = Listen(out var port);
        var result = await Connector("orders.example", port, Rules, new FixedResolver(IPAddress.Loopback)).ConnectAsync(default);
        Assert.Equal(ForwardError.AddressForbidden, result.Error);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Forbidden_addresses_are_skipped_for_permitted_ones()
    {
        using var listener = Listen(out var port);
        var resolver = new FixedResolver(IPAddress.Parse("169.254.169.254"), IPAddress.Loopback);
        var rules = new AddressRules(new NetworkOptions { Allow = [Cidr.Parse("127.0.0.0/8", null)] });
        var result = await Connector("orders.example", port, rules, resolver).ConnectAsync(default);
        using var accepted = await listener.AcceptAsync().WaitAsync(Eventually.Patience);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)accepted.LocalEndPoint!).Address);
        result.Socket!.Dispose();
    }

    [Fact]
    public async Task Next_address_is_tried_when_one_refuses()
    {
        using var listener = Listen(out var port);
        var result = await Connector("orders.example", port, LoopbackRules, new FixedResolver(IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.2"), IPAddress.Loopback)).ConnectAsync(default);
        Assert.Equal(ForwardError.None, result.Error);
        result.Socket!.Dispose();
    }

    [Fact]
    public async Task Attempt_that_fails_unforeseen_leaves_no_other_open()
    {
        var (connected, other) = await SocketPair.ConnectAsync();
        using var peer = other;
        using var race = new ConnectRace(
            TimeProvider.System,
            async (address, cancellationToken) =>
            {
                if (address.Equals(IPAddress.IPv6Loopback)) throw new NotSupportedException();
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return ConnectResult.From(LoopSocket.Accepted(connected));
            },
            CancellationToken.None);
        await Assert.ThrowsAsync<NotSupportedException>(() => race.RunAsync([IPAddress.Loopback, IPAddress.IPv6Loopback]).AsTask().WaitAsync(Eventually.Patience));
        Assert.True(connected.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task Unknown_name_is_a_resolve_error()
    {
        var result = await Connector("orders.example", 80, Rules, new FailingResolver()).ConnectAsync(default);
        Assert.Equal(ForwardError.Resolve, result.Error);
        Assert.Contains("HostNotFound", result.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_without_addresses_is_a_resolve_error()
        => Assert.Equal(ForwardError.Resolve, (await Connector("orders.example", 80, Rules, new FixedResolver()).ConnectAsync(default)).Error);

    [Fact]
    public async Task Silent_name_server_is_given_up_at_the_timeout()
    {
        var clock = new ManualTimeProvider();
        var resolver = new SilentResolver();
        var connecting = Connector("orders.example", 80, Rules, resolver, clock).ConnectAsync(default).AsTask();
        await resolver.Asked.Task.WaitAsync(Eventually.Patience);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(ForwardError.Resolve, (await connecting.WaitAsync(Eventually.Patience)).Error);
    }

    [Fact]
    public async Task Refused_connection_is_a_connect_error()
    {
        var listener = Listen(out var port);
        listener.Dispose();
        var result = await Connector("127.0.0.1", port, Rules).ConnectAsync(default);
        Assert.Equal(ForwardError.Connect, result.Error);
        Assert.Contains("ConnectionRefused", result.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_addresses_refusing_is_a_connect_error()
    {
        var listener = Listen(out var port);
        listener.Dispose();
        var result = await Connector("orders.example", port, LoopbackRules, new FixedResolver(IPAddress.Loopback, IPAddress.Parse("127.0.0.2"))).ConnectAsync(default);
        Assert.Equal(ForwardError.Connect, result.Error);
    }

    [Fact]
    public async Task Silent_address_does_not_hold_up_the_next_one()
    {
        var clock = new ManualTimeProvider();
        using var listener = Listen(out var port);
        var first = new TaskCompletionSource();
        var closed = 0;
        async ValueTask<ConnectResult> Connect(IPAddress address, CancellationToken cancellationToken)
        {
            if (address.Equals(IPAddress.Parse("192.0.2.1")))
            {
                first.SetResult();
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    closed++;
                }

                return ConnectResult.Failed(ForwardError.Connect, "cancelled");
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return ConnectResult.From(LoopSocket.Accepted(socket));
        }

        using var race = new ConnectRace(clock, Connect, default);
        var running = race.RunAsync([IPAddress.Parse("192.0.2.1"), IPAddress.Loopback]).AsTask();
        await first.Task;
        Assert.False(running.IsCompleted);
        clock.Advance(ConnectRace.Stagger);
        using var winner = (await running.WaitAsync(Eventually.Patience)).Socket;
        Assert.NotNull(winner);
        Assert.Equal(1, closed);
    }

    [Fact]
    public void Families_alternate_and_addresses_are_capped()
    {
        List<IPAddress> addresses = [.. Enumerable.Range(1, 20).Select(i => IPAddress.Parse($"10.0.0.{i}")), IPAddress.IPv6Loopback];
        var order = AddressOrder.Arrange(addresses, turn: 3);
        Assert.Equal(AddressOrder.Most, order.Count);
        Assert.Equal(IPAddress.Parse("10.0.0.4"), order[0]);
        Assert.Equal(IPAddress.IPv6Loopback, order[1]);
        Assert.Equal(IPAddress.Parse("10.0.0.5"), order[2]);
    }

    private static UpstreamConnector Connector(string host, int port, AddressRules rules, IHostResolver? resolver = null, TimeProvider? clock = null)
        => new(host, port, rules, TimeSpan.FromSeconds(5), clock ?? TimeProvider.System, resolver);

    private static Socket Listen(out int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }

    private sealed class FixedResolver(params IPAddress[] addresses) : IHostResolver
    {
        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult(addresses);
    }

    private sealed class FailingResolver : IHostResolver
    {
        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => throw new SocketException((int)SocketError.HostNotFound);
    }

    private sealed class SilentResolver : IHostResolver
    {
        public TaskCompletionSource Asked { get; } = new();

        public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return [];
        }
    }
}
