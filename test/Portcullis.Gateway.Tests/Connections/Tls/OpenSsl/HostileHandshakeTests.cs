using System.Net.Security;
using System.Net.Sockets;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Connections.Tls.OpenSsl;

/// <summary>What strangers can do before they have a connection.</summary>
[Collection(nameof(AloneCollection))]
public sealed class HostileHandshakeTests
{
    public HostileHandshakeTests() => Assert.SkipUnless(OpenSslLibrary.IsUsable, "there is no OpenSSL 3 here");

    [Fact]
    public async Task Handshake_in_single_octets_succeeds()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.EndPoint);
        await using var tls = new SslStream(new SingleOctets(new NetworkStream(socket)));

        await tls.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost")).WithPatience();
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 200", await new StreamReader(tls).ReadToEndAsync().WithPatience(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cgarbage here")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")]
    [InlineData("\u0017\u0003\u0003\u0000\u0002ab")]
    [InlineData("\u0014\u0003\u0003\u0000\u0001\u0001\u0014\u0003\u0003\u0000\u0001\u0001")]
    [InlineData("\u0016\u0003\u0001\u00ff\u00ff\u0001\u0000\u0010\u0000")]
    public async Task What_is_not_a_hello_is_cut_and_counted(string octets)
    {
        var application = new EchoApplication();
        await using var listener = await TestListener.StartAsync(TestListener.Tls, application);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(octets);

        // An alert at most.
        Assert.InRange((await client.ReadToEndAsync()).Length, 0, 7);
        await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the end of the connection");
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Handshake));
        Assert.Equal(0, application.Requests);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0002\u0000\u0000")] // 128 KiB announced
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0040\u0001")] // one octet more than there may be
    [InlineData("\u0016\u0003\u0001\u0000\u0001\u0001\u0016\u0003\u0001")] // a head over two records
    public async Task Hello_that_announces_more_than_real_ones_have_is_cut_at_once(string octets)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { HandshakeTimeout = TimeSpan.FromMinutes(5) } });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(octets);

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Handshake));
    }

    [Fact]
    public async Task Who_says_nothing_costs_no_memory_of_openssl_and_who_begins_only_his_time()
    {
        const int each = 300;
        var before = SslHandle.Live;
        var limits = new ListenerLimits { ConnectionsPerAddress = (2 * each) + 1 };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Limits = limits, Tls = new TlsOptions { HandshakeTimeout = TimeSpan.FromSeconds(5) } });
        var all = new List<RawConnection>();
        try
        {
            for (var i = 0; i < each; i++) all.Add(await RawConnection.OpenAsync(listener.EndPoint));
            await Eventually.HoldsAsync(() => listener.Counters.Open == each, "the connections are there");
            Assert.Equal(before, SslHandle.Live);

            for (var i = 0; i < each; i++)
            {
                all.Add(await RawConnection.OpenAsync(listener.EndPoint));
                await all[^1].SendAsync("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
            }

            // One that has come late is served all the same.
            using (var client = await Task.Run(() => new OpenSslClient(listener.EndPoint), TestContext.Current.CancellationToken))
                Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the time-outs");
            Assert.Equal(2 * each, listener.Counters.Refused(ConnectionRefusal.Handshake));
            await Eventually.HoldsAsync(() => SslHandle.Live == before, "all is freed");
        }
        finally
        {
            foreach (var one in all) await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task Handshake_with_a_second_hello_succeeds()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);

        // The key comes for a group that the server has not got, so that it asks for one of another.
        using var client = await Task.Run(() => new OpenSslClient(listener.EndPoint, "localhost", groups: "ffdhe2048:P-256"), TestContext.Current.CancellationToken);

        Assert.True(client.IsConnected, client.Problem);
        Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshakes_that_break_off_anywhere_leave_nothing()
    {
        var before = SslHandle.Live;
        var hello = await HelloAsync();
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        for (var cut = 1; cut <= hello.Length; cut += 7)
        {
            await using var client = await RawConnection.OpenAsync(listener.EndPoint);
            await client.SendAsync(hello[..Math.Min(cut, hello.Length)]);
            if (cut % 2 == 0) client.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the end of all");
        await Eventually.HoldsAsync(() => SslHandle.Live == before, "all is freed");
        Assert.Equal(0, listener.Counters.Accepted);
    }

    [Fact]
    public async Task Damaged_hellos_do_no_harm()
    {
        var before = SslHandle.Live;
        var random = new Random(20261123);
        var hello = await HelloAsync();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(500) } });
        for (var round = 0; round < 300; round++)
        {
            var damaged = hello.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--) damaged[random.Next(5, damaged.Length)] = (byte)random.Next(256);
            await using var client = await RawConnection.OpenAsync(listener.EndPoint);
            await client.SendAsync(damaged);
            if (round % 10 == 0) await client.Stream.ReadAtLeastAsync(new byte[7], 7, throwOnEndOfStream: false).AsTask().WithPatience();
        }

        using (var client = await Task.Run(() => new OpenSslClient(listener.EndPoint), TestContext.Current.CancellationToken)) Assert.True(client.IsConnected, client.Problem);
        await Eventually.HoldsAsync(() => SslHandle.Live == before, "all is freed");
    }

    /// <summary>The first message of a real client.</summary>
    private static async Task<byte[]> HelloAsync()
    {
        var (one, other) = await SocketPair.ConnectAsync();
        using var server = other;
        await using var client = new SslStream(new NetworkStream(one, ownsSocket: true));
        var connecting = client.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost"));
        var buffer = new byte[4096];
        var length = await server.ReceiveAsync(buffer, SocketFlags.None).WithPatience();
        server.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => connecting);
        return buffer[..length];
    }

    private sealed class SingleOctets(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer[..Math.Min(buffer.Length, 1)], cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                await inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
                if (i % 16 == 0) await Task.Yield();
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
