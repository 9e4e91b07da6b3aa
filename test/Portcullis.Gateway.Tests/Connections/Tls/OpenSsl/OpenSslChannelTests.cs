using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Connections.Tls.OpenSsl;

/// <summary>A server's channel with .NET's own client at the other end.</summary>
[Collection(nameof(AloneCollection))]
public sealed class OpenSslChannelTests
{
    private readonly CertificateStore store = CertificateStore.TryCreate("test", TestListener.Tls, TestListener.Services.DevelopmentCertificate, TimeProvider.System, NullLogger.Instance, [])!;

    public OpenSslChannelTests() => Assert.SkipUnless(OpenSslLibrary.IsUsable, "there is no OpenSSL 3 here");

    [Fact]
    public async Task End_with_close_notify_is_clean()
    {
        await using var ends = await ConnectAsync();
        await ends.Client.WriteAsync("last"u8.ToArray());
        await ends.Client.ShutdownAsync();
        ends.ClientSocket.Shutdown(SocketShutdown.Send);

        Assert.Equal(4, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
        Assert.Equal(0, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
        Assert.False(ends.Server.IsTruncated);
        Assert.Equal(0, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
    }

    [Fact]
    public async Task End_without_close_notify_is_truncation()
    {
        await using var ends = await ConnectAsync();
        await ends.Client.WriteAsync("last"u8.ToArray());
        ends.ClientSocket.Shutdown(SocketShutdown.Send);

        Assert.Equal(4, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
        Assert.Equal(0, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
        Assert.True(ends.Server.IsTruncated);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tunnel_whose_client_is_cut_off_does_not_look_complete(bool isClean)
    {
        await using var ends = await ConnectAsync();
        using var wire = new Wire(ends.ServerSocket, ends.Server);
        await using var tunnel = new UpgradedClient(wire, default);
        await ends.Client.WriteAsync("part"u8.ToArray());
        if (isClean) await ends.Client.ShutdownAsync();
        ends.ClientSocket.Shutdown(SocketShutdown.Send);

        Assert.Equal(4, await tunnel.ReadAsync(new byte[100]).AsTask().WithPatience());
        var reading = tunnel.ReadAsync(new byte[100]).AsTask().WithPatience();
        if (isClean) Assert.Equal(0, await reading);
        else await Assert.ThrowsAsync<IOException>(() => reading);
    }

    [Fact]
    public async Task Server_ends_with_close_notify_and_still_receives()
    {
        await using var ends = await ConnectAsync();
        await ends.Server.EndSendingAsync();

        Assert.Equal(0, await ends.Client.ReadAsync(new byte[10]).AsTask().WithPatience());
        await ends.Client.WriteAsync("more"u8.ToArray());
        Assert.Equal(4, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
    }

    [Fact]
    public async Task What_does_not_fit_the_buffer_is_not_lost()
    {
        await using var ends = await ConnectAsync();
        var sent = new byte[100_000];
        Random.Shared.NextBytes(sent);
        var sending = ends.Client.WriteAsync(sent).AsTask();
        var received = new byte[sent.Length];
        var buffer = new byte[777];
        for (var at = 0; at < received.Length;)
        {
            await ends.Server.WaitForInputAsync().AsTask().WithPatience();
            var length = await ends.Server.ReceiveAsync(buffer).AsTask().WithPatience();
            buffer.AsSpan(0, length).CopyTo(received.AsSpan(at));
            at += length;
        }

        await sending;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Client_that_does_not_read_holds_up_the_sender_and_gets_all_later()
    {
        await using var ends = await ConnectAsync();
        var sent = new byte[20_000_000];
        Random.Shared.NextBytes(sent);
        var sending = ends.Server.SendAsync(sent, CancellationToken.None).AsTask();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(sending.IsCompleted);

        // The other direction goes on meanwhile.
        await ends.Client.WriteAsync("still here"u8.ToArray());
        Assert.Equal(10, await ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());

        var received = new byte[sent.Length];
        await ends.Client.ReadExactlyAsync(received).AsTask().WithPatience();
        await sending.WithPatience();
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Cancelled_send_leaves_no_half_record_behind_which_something_is_sent()
    {
        await using var ends = await ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var sending = ends.Server.SendAsync(new byte[20_000_000], cancellation.Token).AsTask();
        Assert.False(sending.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WithPatience());

        await Assert.ThrowsAsync<IOException>(() => ends.Server.EndSendingAsync().AsTask().WithPatience());
        await Assert.ThrowsAsync<IOException>(() => ends.Server.SendAsync("x"u8.ToArray(), CancellationToken.None).AsTask().WithPatience());
    }

    [Fact]
    public async Task Cancelled_receive_loses_nothing()
    {
        await using var ends = await ConnectAsync();
        var receiving = ends.Server.ReceiveAsync(new byte[10]).AsTask();
        ends.ServerSocket.CancelReceive();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving.WithPatience());

        await ends.Client.WriteAsync("all"u8.ToArray());
        Assert.Equal(3, await ends.Server.ReceiveAsync(new byte[10]).AsTask().WithPatience());
    }

    [Fact]
    public async Task Record_that_was_tampered_with_ends_the_connection()
    {
        await using var ends = await ConnectAsync();
        await ends.ClientSocket.SendAsync("\u0017\u0003\u0003\u0000\u0020"u8.ToArray().Concat(new byte[32]).ToArray(), SocketFlags.None);

        await Assert.ThrowsAsync<IOException>(() => ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
        await Assert.ThrowsAsync<IOException>(() => ends.Server.SendAsync("x"u8.ToArray(), CancellationToken.None).AsTask().WithPatience());
    }

    [Fact]
    public async Task Record_longer_than_there_may_be_ends_the_connection()
    {
        await using var ends = await ConnectAsync();

        // RFC 8446 §5.2: 2^14 + 256 octets at most.
        await ends.ClientSocket.SendAsync(new byte[] { 0x17, 3, 3, 0x41, 0x01 }, SocketFlags.None);

        await Assert.ThrowsAsync<IOException>(() => ends.Server.ReceiveAsync(new byte[100]).AsTask().WithPatience());
    }

    [Fact]
    public async Task Disposal_during_a_receive_and_a_send_ends_both_and_frees_once()
    {
        for (var round = 0; round < 30; round++)
        {
            var before = SslHandle.Live;
            var ends = await ConnectAsync();
            Assert.Equal(before + 1, SslHandle.Live);
            var receiving = ends.Server.ReceiveAsync(new byte[10]).AsTask();
            var sending = ends.Server.SendAsync(new byte[5_000_000], CancellationToken.None).AsTask();
            await Task.WhenAll(Task.Run(ends.ServerSocket.Dispose), Task.Run(ends.Server.Dispose), Task.Run(ends.Server.Dispose));

            await Assert.ThrowsAnyAsync<Exception>(() => receiving.WithPatience());
            await Assert.ThrowsAnyAsync<Exception>(() => sending.WithPatience());
            Assert.Equal(before, SslHandle.Live);
            await ends.DisposeAsync();
        }
    }

    [Fact]
    public async Task Octets_that_were_received_before_belong_to_the_handshake()
    {
        var (one, other) = await SocketPair.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(one, ownsSocket: true));
        var connecting = client.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost"));
        using var socket = LoopSocket.Accepted(other);
        var early = new byte[100];
        Assert.Equal(early.Length, await socket.ReceiveAsync(early).AsTask().WithPatience());

        using var channel = await store.AcceptAsync(socket, early, CancellationToken.None).AsTask().WithPatience();

        await connecting.WithPatience();
        Assert.NotNull(channel);
    }

    private async Task<Ends> ConnectAsync()
    {
        var (one, other) = await SocketPair.ConnectAsync();
        var client = new SslStream(new NetworkStream(one, ownsSocket: true));
        var socket = LoopSocket.Accepted(other);
        var accepting = store.AcceptAsync(socket, default, CancellationToken.None).AsTask();
        await client.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost")).WithPatience();
        return new Ends(client, one, (await accepting.WithPatience())!, socket);
    }

    private sealed record Ends(SslStream Client, Socket ClientSocket, SecureChannel Server, LoopSocket ServerSocket) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            ServerSocket.Dispose();
            Server.Dispose();
            await Client.DisposeAsync();
        }
    }
}
