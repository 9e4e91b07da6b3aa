using System.Net;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Tests.Connections;

public sealed class ConnectionGateTests
{
    private static readonly Cidr Loopback = Cidr.Parse("127.0.0.0/8", null);
    private static readonly IPAddress Neighbour = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task Connection_beyond_the_limit_is_closed_at_once_and_a_freed_place_is_taken()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = new ListenerLimits { Connections = 2 } });
        var first = await ServedAsync(listener);
        await using var second = await ServedAsync(listener);

        Assert.Equal(string.Empty, await GetAsync(listener));
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.ConnectionLimit));
        Assert.Equal(2, listener.Counters.Open);

        await first.DisposeAsync();
        await UntilAsync(() => listener.Counters.Open == 1);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(listener), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_beyond_its_limit_is_refused_while_another_is_served()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = new ListenerLimits { ConnectionsPerAddress = 1 } });
        await using var first = await ServedAsync(listener);

        Assert.Equal(string.Empty, await GetAsync(listener));
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.AddressLimit));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(listener, Neighbour), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => listener.Counters.Open == 1, "the neighbour's connection is gone");
    }

    [Fact]
    public async Task Trusted_proxy_is_exempt_from_the_limit_by_address()
    {
        await using var listener = await TestListener.StartAsync(
            TestListener.Plain with { TrustedProxies = [Loopback], Limits = new ListenerLimits { ConnectionsPerAddress = 1 } });
        await using var first = await ServedAsync(listener);

        Assert.StartsWith("HTTP/1.1 200", await GetAsync(listener), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Firewall_turns_away_before_a_byte()
    {
        var firewall = new FirewallOptions { Default = FirewallAction.Deny, Allow = [Cidr.Parse("127.0.0.2", null)] };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Firewall = firewall });

        Assert.Equal(string.Empty, await GetAsync(listener));
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Firewall));
        Assert.Equal(0, listener.Counters.Accepted);
    }

    [Theory]
    [InlineData(FirewallAction.Allow, "", "", true)]
    [InlineData(FirewallAction.Deny, "", "", false)]
    [InlineData(FirewallAction.Allow, "", "127.0.0.0/8", false)]
    [InlineData(FirewallAction.Deny, "127.0.0.1", "", true)]
    [InlineData(FirewallAction.Deny, "127.0.0.1", "127.0.0.0/8", true)]
    [InlineData(FirewallAction.Allow, "10.0.0.0/8", "127.0.0.1", false)]
    public void Allow_wins_over_deny_and_both_over_the_default(FirewallAction action, string allow, string deny, bool admitted)
    {
        var firewall = new Firewall(new FirewallOptions { Default = action, Allow = Blocks(allow), Deny = Blocks(deny) });

        Assert.Equal(admitted, firewall.Admits(IPAddress.Loopback));
        Assert.Equal(admitted, firewall.Admits(IPAddress.Loopback.MapToIPv6()));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::1", "0.0.0.1", false)]
    public void Addresses_of_one_subscriber_are_counted_together(string one, string other, bool together)
    {
        var table = new AddressTable();
        Assert.True(table.TryAdd(IPAddress.Parse(one), 1));
        Assert.Equal(!together, table.TryAdd(IPAddress.Parse(other), 1));
        table.Remove(IPAddress.Parse(one));
        if (!together) table.Remove(IPAddress.Parse(other));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Address_table_holds_nothing_once_all_are_gone()
    {
        var table = new AddressTable();
        Parallel.For(0, 8, worker =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var address = new IPAddress([10, 0, 0, (byte)(i % 5)]);
                if (table.TryAdd(address, 6)) table.Remove(address);
            }
        });

        Assert.Equal(0, table.Count);
    }

    [Theory]
    [InlineData("127.0.0.2", "")]
    [InlineData("127.0.0.3", "PROXY TCP4 203.0.113.7 198.51.100.2 1 2\r\n")]
    [InlineData("127.0.0.3", "PROXY TCP4 nonsense\r\n")]
    public async Task Listener_and_its_counts_survive_what_fails_with_a_connection(string from, string sent)
    {
        var listener = await TestListener.StartAsync(
            TestListener.Plain with
            {
                TrustedProxies = [Cidr.Parse("127.0.0.3", null)],
                ProxyProtocol = ProxyProtocolMode.Optional,
                Firewall = new FirewallOptions { Deny = [Cidr.Parse("127.0.0.2", null), Cidr.Parse("203.0.113.0/24", null)] },
            },
            services: TestListener.Services with { Logging = new BrokenLogging() });
        for (var i = 0; i < 3; i++)
        {
            if (sent.Length == 0)
            {
                Assert.Equal(string.Empty, await GetAsync(listener, IPAddress.Parse(from)));
                continue;
            }

            await using var refused = await RawConnection.OpenAsync(listener.EndPoint, IPAddress.Parse(from));
            await refused.SendAsync(sent);
            Assert.Equal(string.Empty, await refused.ReadToEndAsync());
        }

        Assert.StartsWith("HTTP/1.1 200", await GetAsync(listener), StringComparison.Ordinal);
        await UntilAsync(() => listener.Counters.Open == 0);

        // And where stopping it fails, too, its address is free all the same.
        await Assert.ThrowsAsync<InvalidOperationException>(() => listener.StopAsync(TimeSpan.Zero));
        await using var next = await TestListener.StartAsync(TestListener.Plain with { Address = new ListenAddress(listener.EndPoint) });
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.2 4660 443\r\n", "192.0.2.7")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x02\x12\x34\x01\xbb", "192.0.2.7")]
    [InlineData("", "127.0.0.1")]
    public async Task Proxy_header_of_a_trusted_proxy_names_the_client(string header, string client)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { TrustedProxies = [Loopback], ProxyProtocol = ProxyProtocolMode.Optional });
        await using var connection = await RawConnection.OpenAsync(listener.EndPoint);
        foreach (var octet in Encoding.Latin1.GetBytes(header)) await connection.SendAsync([octet]);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Contains($" / {client} ", await connection.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_header_before_tls_names_the_client()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { TrustedProxies = [Loopback], ProxyProtocol = ProxyProtocolMode.Required });
        await using var plain = await RawConnection.OpenAsync(listener.EndPoint);
        await plain.SendAsync("PROXY TCP4 192.0.2.7 198.51.100.2 4660 443\r\n");
        await using var tls = new System.Net.Security.SslStream(plain.Stream);
        await tls.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost"));
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.Contains(" / 192.0.2.7 ", await new StreamReader(tls).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyProtocolMode.None)]
    [InlineData(ProxyProtocolMode.Optional)]
    public async Task Proxy_header_of_anybody_else_is_malformed_http(ProxyProtocolMode mode)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { TrustedProxies = [Cidr.Parse("127.0.0.2", null)], ProxyProtocol = mode });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("PROXY TCP4 192.0.2.7 198.51.100.2 4660 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyProtocolMode.Required, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(ProxyProtocolMode.Optional, "PROXY TCP4 nonsense\r\n")]
    [InlineData(ProxyProtocolMode.Optional, "PROXY TCP4 192.0.2.1 ")]
    public async Task Bad_missing_or_late_header_of_a_trusted_proxy_ends_the_connection(ProxyProtocolMode mode, string start)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with
        {
            TrustedProxies = [Loopback],
            ProxyProtocol = mode,
            Limits = new ListenerLimits { HeaderTimeout = TimeSpan.FromMilliseconds(300) },
        });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(start);

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.ProxyHeader));
        await UntilAsync(() => listener.Counters.Open == 0);
    }

    [Fact]
    public async Task Where_the_header_is_required_nobody_but_a_proxy_gets_in()
    {
        await using var listener = await TestListener.StartAsync(
            TestListener.Plain with { TrustedProxies = [Cidr.Parse("127.0.0.2", null)], ProxyProtocol = ProxyProtocolMode.Required });

        Assert.Equal(string.Empty, await GetAsync(listener));
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Firewall));
    }

    [Fact]
    public async Task Claimed_client_is_held_to_firewall_and_limit_by_address()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with
        {
            TrustedProxies = [Loopback],
            ProxyProtocol = ProxyProtocolMode.Required,
            Firewall = new FirewallOptions { Deny = [Cidr.Parse("192.0.2.0/24", null)] },
            Limits = new ListenerLimits { ConnectionsPerAddress = 1 },
        });
        await using var denied = await RawConnection.OpenAsync(listener.EndPoint);
        await denied.SendAsync("PROXY TCP4 192.0.2.7 198.51.100.2 4660 443\r\n");
        Assert.Equal(string.Empty, await denied.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Firewall));

        await using var first = await RawConnection.OpenAsync(listener.EndPoint);
        await first.SendAsync("PROXY TCP4 198.51.100.9 198.51.100.2 4660 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await first.ReadResponseAsync(), StringComparison.Ordinal);
        await using var second = await RawConnection.OpenAsync(listener.EndPoint);
        await second.SendAsync("PROXY TCP4 198.51.100.9 198.51.100.2 4661 443\r\n");
        Assert.Equal(string.Empty, await second.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.AddressLimit));
    }

    [Fact]
    public async Task Connection_that_says_nothing_is_closed_in_time()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = new ListenerLimits { KeepAliveTimeout = TimeSpan.FromMilliseconds(300) } });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.FirstBytes));
    }

    [Fact]
    public async Task Body_slower_than_the_least_rate_is_answered_408()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");

        Assert.StartsWith("HTTP/1.1 408", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>Waits for a state that has no signal of its own.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Eventually.Patience, "the state did not come about");
            await Task.Yield();
        }
    }

    private static Cidr[] Blocks(string text) => text.Length == 0 ? [] : [Cidr.Parse(text, null)];

    private static async Task<RawConnection> ServedAsync(Listener listener)
    {
        var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        return client;
    }

    private static async Task<string> GetAsync(Listener listener, IPAddress? from = null)
    {
        try
        {
            await using var client = await RawConnection.OpenAsync(listener.EndPoint, from);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            return await client.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            return string.Empty;
        }
    }
}
