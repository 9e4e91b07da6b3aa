using System.Net.Security;
using System.Security.Authentication;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Connections.Tls.OpenSsl;

/// <summary>A listener and clients that do what TLS allows them after or within the handshake.</summary>
[Collection(nameof(AloneCollection))]
public sealed class OpenSslServerTests : CertificateFileTests
{
    public OpenSslServerTests() => Assert.SkipUnless(OpenSslLibrary.IsUsable, "there is no OpenSSL 3 here");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_may_be_changed_between_requests(bool asksServer)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        await Task.Run(
            () =>
            {
                using var client = new OpenSslClient(listener.EndPoint);
                for (var i = 0; i < 50; i++)
                {
                    Assert.True(client.UpdateKeys(asksServer));
                    Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
                }
            },
            TestContext.Current.CancellationToken).WithPatience();
    }

    [Fact]
    public async Task Flood_of_key_changes_is_cut_and_others_are_served_meanwhile()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        var changes = 0;
        var flood = Task.Run(
            () =>
            {
                using var client = new OpenSslClient(listener.EndPoint);
                while (changes < 1_000_000 && client.UpdateKeys(asksServer: false)) changes++;
            },
            TestContext.Current.CancellationToken);
        await Task.Run(
            () =>
            {
                using var other = new OpenSslClient(listener.EndPoint);
                Assert.StartsWith("HTTP/1.1 200", other.Ask(), StringComparison.Ordinal);
            },
            TestContext.Current.CancellationToken).WithPatience();

        // Some are on their way when the connection is cut.
        await flood.WithPatience();
        Assert.InRange(changes, 1000, 200_000);
        await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the end of the connections");
    }

    [Fact]
    public async Task Renegotiation_is_refused()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { MinimumVersion = TlsVersion.Tls12 } });
        await Task.Run(
            () =>
            {
                using var client = new OpenSslClient(listener.EndPoint, version: LibSsl.Tls12);
                Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
                Assert.False(client.Renegotiate());
            },
            TestContext.Current.CancellationToken).WithPatience();
    }

    [Theory]
    [InlineData("\u0008http/1.1\u0002h2", "h2")]
    [InlineData("\u0007unknown\u0008http/1.1", "http/1.1")]
    [InlineData("", "")]
    [InlineData("\u0007unknown", null)]
    [InlineData("\u0003h2x\u0001h", null)]
    public async Task Application_protocol_is_the_servers_choice_or_none(string offered, string? agreed)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        using var client = await Task.Run(() => new OpenSslClient(listener.EndPoint, protocols: offered), TestContext.Current.CancellationToken);

        Assert.Equal(agreed is not null, client.IsConnected);
        if (agreed is null) Assert.Contains("no application protocol", client.Problem, StringComparison.Ordinal);
        else Assert.Equal(agreed, client.Protocol);
    }

    [Theory]
    [InlineData(SslProtocols.Tls13, SslProtocols.Tls13)]
    [InlineData(SslProtocols.Tls12, null)]
#pragma warning disable SYSLIB0039, CA5397 // What is too old is to be refused.
    [InlineData(SslProtocols.Tls11, null)]
    [InlineData(SslProtocols.Tls, null)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Versions_are_held_to_the_least(SslProtocols offered, SslProtocols? agreed)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        var options = RawConnection.TlsOptions("localhost");
        options.EnabledSslProtocols = offered;

        if (agreed is null)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => RawConnection.OpenTlsAsync(listener.EndPoint, options));
            return;
        }

        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, options);
        Assert.Equal(agreed, ((SslStream)client.Stream).SslProtocol);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("unknown.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("a..example")]
    [InlineData(".example")]
    [InlineData("LOCALHOST")]
    public async Task Any_server_name_gets_a_certificate(string? name)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        using var client = await Task.Run(() => new OpenSslClient(listener.EndPoint, name), TestContext.Current.CancellationToken);

        Assert.True(client.IsConnected, client.Problem);
        Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X25519", true)]
    [InlineData("P-256", true)]
    [InlineData("P-384", true)]
    [InlineData("ffdhe2048", false)]
    [InlineData("ffdhe8192", false)]
    public async Task Keys_are_exchanged_over_curves_alone(string group, bool accepted)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        using var client = await Task.Run(() => new OpenSslClient(listener.EndPoint, groups: group), TestContext.Current.CancellationToken);

        Assert.Equal(accepted, client.IsConnected);
    }

    [Fact]
    public async Task Client_that_goes_on_with_http2_where_it_was_not_agreed_on_is_not_believed()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        using var client = await Task.Run(() => new OpenSslClient(listener.EndPoint), TestContext.Current.CancellationToken);

        Assert.True(client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 ", client.Receive(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_replaced_under_load_and_connections_keep_theirs()
    {
        Files.Write("main", Issue("first", "localhost"));
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") });
        using var kept = await Task.Run(() => new OpenSslClient(listener.EndPoint), TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var served = 0;
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var client = new OpenSslClient(listener.EndPoint, "localhost");
                    Assert.True(client.IsConnected, client.Problem);
                    Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
                    Interlocked.Increment(ref served);
                }
            },
            TestContext.Current.CancellationToken)).ToArray();

        for (var i = 0; i < 5; i++)
        {
            var before = Volatile.Read(ref served);
            Files.Write("main", Issue($"number {i}", "localhost"));
            await Eventually.HoldsAsync(() => listener.Certificates[0].Subject == $"CN=number {i}" && Volatile.Read(ref served) > before + 10, "the new certificate is served");
        }

        Assert.StartsWith("HTTP/1.1 200", kept.Ask(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Task.WhenAll(load).WithPatience();
        Assert.Equal("CN=number 4", await SubjectAsync(listener, "localhost"));
    }

    [Fact]
    public async Task Contexts_of_before_are_freed()
    {
        Files.Write("main", Issue("main", "localhost"));
        var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") });
        await listener.DisposeAsync();
        await Eventually.HoldsAsync(() => Collected(SslHandle.Live == 0), "the connections of other tests are gone");
        var before = OpenSslContext.Live;
        for (var i = 0; i < 20; i++)
        {
            await using var next = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") });
            Assert.Equal("CN=main", await SubjectAsync(next, "localhost"));
        }

        await Eventually.HoldsAsync(() => Collected(OpenSslContext.Live <= before + 1 && SslHandle.Live == 0), "the collector has freed them");
    }

    [Fact]
    public async Task Load_leaves_no_connection_behind()
    {
        var before = SslHandle.Live;
        await using (var listener = await TestListener.StartAsync(TestListener.Tls))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(
                () =>
                {
                    for (var i = 0; i < 100; i++)
                    {
                        using var client = new OpenSslClient(listener.EndPoint);
                        if (i % 4 == number) continue;
                        Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
                        if (i % 2 == 0) client.EndSending();
                    }
                },
                TestContext.Current.CancellationToken))).WithPatience();
            await Eventually.HoldsAsync(() => SslHandle.Live == before, "all connections are freed");
        }
    }

    [Fact]
    public async Task Stop_ends_idle_connections_with_close_notify()
    {
        var listener = await TestListener.StartAsync(TestListener.Tls);
        await using var idle = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost"));
        await idle.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await idle.ReadResponseAsync();
        var stopping = listener.StopAsync(TimeSpan.FromSeconds(20));

        // SslStream fails where the end comes without it.
        Assert.Equal(0, await idle.Stream.ReadAsync(new byte[10]).AsTask().WithPatience());
        idle.EndSending();
        await stopping.WithPatience();
    }

    private static bool Collected(bool condition)
    {
        if (condition) return true;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return false;
    }
}
