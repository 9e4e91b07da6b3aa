using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections;

public sealed class ListenerSetTests : IAsyncLifetime
{
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim arrived = new(0);
    private readonly ListenerSet<IFeatureCollection> set;

    public ListenerSetTests()
    {
        var application = new EchoApplication
        {
            Handler = async context =>
            {
                if (context.GetRequiredPath() == "/slow")
                {
                    arrived.Release();
                    await release.Task;
                }

                await EchoApplication.EchoAsync(context);
            },
        };
        set = new ListenerSet<IFeatureCollection>(application, TestListener.Services, TimeSpan.FromSeconds(15));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        release.TrySetResult();
        await set.DisposeAsync();
    }

    [Fact]
    public async Task New_listener_starts_and_removed_one_finishes_what_is_under_way()
    {
        await ApplyAsync(("a", TestListener.Plain));
        var a = set.Current["a"].EndPoint;
        await using var slow = await RawConnection.OpenAsync(a);
        await slow.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await arrived.WaitAsync();

        await ApplyAsync(("b", TestListener.Plain));
        await Assert.ThrowsAnyAsync<SocketException>(() => RawConnection.OpenAsync(a));
        await using var b = await RawConnection.OpenAsync(set.Current["b"].EndPoint);
        await b.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await b.ReadResponseAsync(), StringComparison.Ordinal);

        release.SetResult();
        Assert.Contains("HTTP/1.1 GET /slow", await slow.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_limits_and_firewall_hold_without_closing_a_connection()
    {
        await ApplyAsync(("a", TestListener.Plain));
        var listener = set.Current["a"];
        await using var open = await RawConnection.OpenAsync(listener.EndPoint);
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await open.ReadResponseAsync();

        await ApplyAsync(("a", TestListener.Plain with
        {
            Limits = new ListenerLimits { RequestLineBytes = 100 },
            Firewall = new FirewallOptions { Default = FirewallAction.Deny, Allow = [Cidr.Parse("127.0.0.2", null)] },
        }));

        Assert.Same(listener, set.Current["a"]);
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);
        await open.SendAsync($"GET /{new string('a', 100)} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414", await open.ReadToEndAsync(), StringComparison.Ordinal);
        await using var allowed = await RawConnection.OpenAsync(listener.EndPoint, IPAddress.Parse("127.0.0.2"));
        await allowed.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await allowed.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(string.Empty, await GetAsync(listener.EndPoint));
    }

    [Fact]
    public async Task Changed_certificate_is_served_without_closing_a_connection()
    {
        using var files = new TestCertificates();
        using var authority = TestCertificates.Authority("CA");
        files.Write("one", TestCertificates.Issue(authority, "one"));
        files.Write("two", TestCertificates.Issue(authority, "two"));
        await ApplyAsync(("a", TlsWith(files, "one")));
        var listener = set.Current["a"];
        await using var open = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost"));

        await ApplyAsync(("a", TlsWith(files, "two")));

        Assert.Same(listener, set.Current["a"]);
        Assert.Equal("CN=two", listener.Certificates.Single().Subject);
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_that_can_not_be_had_whole_changes_nothing_and_tells_every_reason()
    {
        await ApplyAsync(("a", TestListener.Plain));
        var a = set.Current["a"];
        var problems = await set.ApplyAsync(new Dictionary<string, ListenerOptions>(StringComparer.Ordinal)
        {
            ["b"] = TestListener.Plain with { Tls = new TlsOptions { Certificate = "/absent.pem" } },
            ["c"] = TestListener.Plain with { Protocols = [] },
            ["d"] = TestListener.Plain with { ProxyProtocol = ProxyProtocolMode.Optional },
        });
        Assert.Equal(3, problems.Count);

        using var occupied = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        occupied.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        occupied.Listen();
        problems = await set.ApplyAsync(new Dictionary<string, ListenerOptions>(StringComparer.Ordinal)
        {
            ["b"] = TestListener.Plain,
            ["c"] = TestListener.Plain with { Address = new ListenAddress((IPEndPoint)occupied.LocalEndPoint!) },
        });
        Assert.Contains("is in use", Assert.Single(problems), StringComparison.Ordinal);

        Assert.Same(a, Assert.Single(set.Current).Value);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(a.EndPoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_that_let_go_of_its_address_for_a_change_that_failed_has_it_back_and_can_be_changed_again()
    {
        // The same port of another address is taken, so the first attempt fails, and the listener's own socket is tried out of the way.
        var address = await TestListener.FreeAddressAsync();
        var elsewhere = new ListenAddress(new IPEndPoint(IPAddress.Parse("127.0.0.2"), address.EndPoint.Port));
        await ApplyAsync(("a", TestListener.Plain with { Address = address }));
        await using var open = await RawConnection.OpenAsync(address.EndPoint);
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);
        using (var occupied = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            occupied.Bind(elsewhere.EndPoint);
            occupied.Listen();
            var problems = await set.ApplyAsync(new Dictionary<string, ListenerOptions>(StringComparer.Ordinal) { ["a"] = TestListener.Plain with { Address = elsewhere } }, static () => Assert.Fail("published"));
            Assert.Contains("is in use", Assert.Single(problems), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200", await GetAsync(address.EndPoint), StringComparison.Ordinal);
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);

        await ApplyAsync(("a", TestListener.Plain with { Address = elsewhere }));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(elsewhere.EndPoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_moves_between_one_address_and_all_of_them_on_the_same_port()
    {
        var one = await TestListener.FreeAddressAsync();
        var all = new ListenAddress(new IPEndPoint(IPAddress.Any, one.EndPoint.Port));
        await ApplyAsync(("a", TestListener.Plain with { Address = one }));
        await using var slow = await RawConnection.OpenAsync(one.EndPoint);
        await slow.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.True(await arrived.WaitAsync(Eventually.Patience));
        var neighbour = new IPEndPoint(IPAddress.Parse("127.0.0.2"), one.EndPoint.Port);

        await ApplyAsync(("a", TestListener.Plain with { Address = all }));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(one.EndPoint), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(neighbour), StringComparison.Ordinal);

        await ApplyAsync(("a", TestListener.Plain with { Address = one }));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(one.EndPoint), StringComparison.Ordinal);
        Assert.Equal(string.Empty, await GetAsync(neighbour));

        release.SetResult();
        Assert.Contains("HTTP/1.1 GET /slow", await slow.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_goes_on_and_off_while_the_listener_runs_and_what_is_under_way_ends_whole()
    {
        var address = await TestListener.FreeAddressAsync();
        ListenerOptions plain = TestListener.Plain with { Address = address }, tls = TestListener.Tls with { Address = address };
        await ApplyAsync(("a", plain));
        await using var idle = await RawConnection.OpenAsync(address.EndPoint);
        await idle.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await idle.ReadResponseAsync(), StringComparison.Ordinal);
        await using var slow = await RawConnection.OpenAsync(address.EndPoint);
        await slow.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.True(await arrived.WaitAsync(Eventually.Patience));

        await ApplyAsync(("a", tls));
        Assert.Equal(string.Empty, await idle.ReadToEndAsync());
        Assert.DoesNotContain("200", await GetAsync(address.EndPoint), StringComparison.Ordinal);
        await using var open = await OpenTlsAsync();
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);

        await ApplyAsync(("a", plain));
        Assert.Equal(string.Empty, await open.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(address.EndPoint), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(OpenTlsAsync);

        release.SetResult();
        Assert.Contains("HTTP/1.1 GET /slow", await slow.ReadToEndAsync(), StringComparison.Ordinal);

        Task<RawConnection> OpenTlsAsync() => RawConnection.OpenTlsAsync(address.EndPoint, RawConnection.TlsOptions("localhost"));
    }

    [Fact]
    public async Task Connection_that_was_served_is_closed_once_its_keep_alive_time_is_over()
    {
        // The short time holds from the second request on, so that no slow start of the test can run into it.
        await ApplyAsync(("a", TestListener.Plain));
        var listener = set.Current["a"];
        await using var http1 = await RawConnection.OpenAsync(listener.EndPoint);
        await using var http2 = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await ServeAsync(1);
        await ApplyAsync(("a", TestListener.Plain with { Limits = new ListenerLimits { KeepAliveTimeout = TimeSpan.FromSeconds(1) } }));
        await ServeAsync(3);

        Assert.Equal(string.Empty, await http1.ReadToEndAsync());
        while (await http2.ReadFrameAsync() is not null)
        {
        }

        await ConnectionGateTests.UntilAsync(() => listener.Counters.Open == 0);

        async Task ServeAsync(int stream)
        {
            await http1.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await http1.ReadResponseAsync(), StringComparison.Ordinal);
            Assert.Equal(200, (await http2.ExchangeAsync(stream, RawHttp2Client.Request())).Status);
        }
    }

    [Fact]
    public async Task Nothing_is_switched_where_publishing_fails()
    {
        await ApplyAsync(("a", TestListener.Plain));
        var a = set.Current["a"];
        var address = await TestListener.FreeAddressAsync();
        var wanted = new Dictionary<string, ListenerOptions>(StringComparer.Ordinal) { ["b"] = TestListener.Plain with { Address = address } };

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => set.ApplyAsync(wanted, static () => throw new TimeZoneNotFoundException()));

        Assert.Same(a, Assert.Single(set.Current).Value);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(a.EndPoint), StringComparison.Ordinal);
        Assert.Equal(string.Empty, await GetAsync(address.EndPoint));
        Assert.Empty(await set.ApplyAsync(wanted));
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(address.EndPoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_listeners_can_not_have_one_address()
    {
        var address = await TestListener.FreeAddressAsync();
        var problems = await set.ApplyAsync(new Dictionary<string, ListenerOptions>(StringComparer.Ordinal)
        {
            ["a"] = TestListener.Plain with { Address = address },
            ["b"] = TestListener.Plain with { Address = address },
        });

        Assert.Contains("listeners a and b", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listeners_can_swap_their_addresses()
    {
        ListenerOptions one = TestListener.Plain with { Address = await TestListener.FreeAddressAsync() }, two = TestListener.Plain with { Address = await TestListener.FreeAddressAsync() };
        await ApplyAsync(("a", one), ("b", two));
        await ApplyAsync(("a", two), ("b", one));

        Assert.Equal(two.Address.EndPoint, set.Current["a"].EndPoint);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(one.Address.EndPoint), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(two.Address.EndPoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_request_is_lost_while_servers_are_replaced_under_load()
    {
        var options = TestListener.Plain with { Address = await TestListener.FreeAddressAsync() };
        await ApplyAsync(("a", options));
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var served = 0;
            do
            {
                Assert.StartsWith("HTTP/1.1 200", await GetAsync(options.Address.EndPoint), StringComparison.Ordinal);
                served++;
            }
            while (!stop.IsCancellationRequested);
            return served;
        })).ToArray();

        // Protocols change the server behind the socket, names the listener, limits neither.
        for (var i = 0; i < 30; i++)
        {
            await ApplyAsync((i % 3 == 0 ? "b" : "a", options with
            {
                Protocols = i % 2 == 0 ? [HttpVersionName.Http1] : [HttpVersionName.Http1, HttpVersionName.Http2],
                Limits = new ListenerLimits { HeaderCount = 50 + i },
            }));
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients).WaitAsync(Eventually.Patience), served => Assert.True(served > 0));
    }

    [Fact]
    public async Task Thousand_changes_of_limits_and_rules_close_no_connection()
    {
        await ApplyAsync(("a", TestListener.Plain));
        await using var open = await RawConnection.OpenAsync(set.Current["a"].EndPoint);
        for (var i = 0; i < 1000; i++)
        {
            await ApplyAsync(("a", TestListener.Plain with { Limits = new ListenerLimits { HeaderCount = 50 + (i % 50) } }));
            if (i % 100 != 0) continue;
            await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Http2_client_is_told_to_go_away_and_its_stream_finishes()
    {
        await ApplyAsync(("a", TestListener.Plain));
        await using var client = await RawHttp2Client.ConnectAsync(set.Current["a"].EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request(path: "/slow"));
        await arrived.WaitAsync();

        var stopping = set.StopAsync();
        Http2Frame? frame;
        do frame = await client.ReadFrameAsync();
        while (frame is not null && frame.Type != Http2FrameType.GoAway);
        Assert.NotNull(frame);

        release.SetResult();
        Assert.Equal(200, (await ReadStatusAsync(client)).Status);
        await stopping.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_aborted()
    {
        var stuck = new EchoApplication
        {
            Handler = async context =>
            {
                arrived.Release();
                await Task.Delay(Timeout.Infinite, context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);
            },
        };
        var listener = await TestListener.StartAsync(TestListener.Plain, stuck);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await arrived.WaitAsync();

        await listener.StopAsync(TimeSpan.FromMilliseconds(200)).WaitAsync(Eventually.Patience);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
    }

    // GOAWAY may come twice: first the announcement, then the last stream.
    private static async Task<Http2Reply> ReadStatusAsync(RawHttp2Client client)
    {
        Http2Reply reply;
        do reply = await client.ReadReplyAsync(1);
        while (reply is { Status: 0, GoAway: 0 });
        return reply;
    }

    private static ListenerOptions TlsWith(TestCertificates files, string name)
        => TestListener.Plain with { Tls = new TlsOptions { Certificate = files.File($"{name}.pem"), PrivateKey = files.File($"{name}-key.pem") } };

    private async Task ApplyAsync(params (string Name, ListenerOptions Options)[] wanted)
        => Assert.Empty(await set.ApplyAsync(wanted.ToDictionary(pair => pair.Name, pair => pair.Options, StringComparer.Ordinal)));

    private static async Task<string> GetAsync(IPEndPoint endPoint)
    {
        try
        {
            await using var client = await RawConnection.OpenAsync(endPoint);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            return await client.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return string.Empty;
        }
    }
}
