using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>Addresses of both families.</summary>
public sealed class BindTests
{
    [Fact]
    public async Task Star_takes_both_families_and_sees_ipv4_clients_as_such()
    {
        RequireIPv6();
        await using var listener = await StartAsync("*:0", new FirewallOptions { Deny = [Cidr.Parse("127.0.0.2", null)] });

        Assert.Contains(" / 127.0.0.1 ", await GetAsync(listener, IPAddress.Loopback), StringComparison.Ordinal);
        Assert.Contains(" / ::1 ", await GetAsync(listener, IPAddress.IPv6Loopback), StringComparison.Ordinal);
        Assert.Equal(string.Empty, await GetAsync(listener, IPAddress.Loopback, from: IPAddress.Parse("127.0.0.2")));
    }

    [Fact]
    public async Task Connections_of_one_ipv4_client_count_as_one_address_on_a_socket_of_both_families()
    {
        RequireIPv6();
        await using var listener = await StartAsync("*:0", new FirewallOptions(), new ListenerLimits { ConnectionsPerAddress = 1 });
        await using var first = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, listener.EndPoint.Port));
        await first.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await first.ReadResponseAsync(), StringComparison.Ordinal);

        Assert.Equal(string.Empty, await GetAsync(listener, IPAddress.Loopback));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(listener, IPAddress.Loopback, from: IPAddress.Parse("127.0.0.2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ipv6_address_takes_that_family_alone()
    {
        RequireIPv6();
        await using var listener = await StartAsync("[::1]:0", new FirewallOptions());

        Assert.Contains(" / ::1 ", await GetAsync(listener, IPAddress.IPv6Loopback), StringComparison.Ordinal);
        await Assert.ThrowsAsync<SocketException>(() => GetAsync(listener, IPAddress.Loopback));
    }

    private static Task<Listener> StartAsync(string address, FirewallOptions firewall, ListenerLimits? limits = null)
        => TestListener.StartAsync(TestListener.Plain with { Address = ListenAddress.Parse(address, null), Firewall = firewall, Limits = limits ?? new ListenerLimits() });

    private static async Task<string> GetAsync(Listener listener, IPAddress to, IPAddress? from = null)
    {
        try
        {
            await using var client = await RawConnection.OpenAsync(new IPEndPoint(to, listener.EndPoint.Port), from);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            return await client.ReadToEndAsync();
        }
        catch (Exception e) when (e is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // Turned away before it could say anything, perhaps even before it knew that it was connected.
            return string.Empty;
        }
    }

    private static void RequireIPv6()
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException)
        {
            Requirement.Missing("this machine has no IPv6");
        }
    }
}
