using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Tests.Connections.Tls;

/// <summary>What is used where there is no OpenSSL 3.</summary>
public sealed class FrameworkAcceptorTests : CertificateFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_serves_as_the_other_does_and_tells_a_clean_end(bool isClean)
    {
        using var certificate = Issue("main", "localhost");
        var acceptor = new FrameworkAcceptor([new ServerCertificate(certificate, [], "test")], TestListener.Tls, null);
        using var keys = new TicketKeys("test", NullLogger.Instance);
        var (one, other) = await SocketPair.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(one, ownsSocket: true));
        using var socket = LoopSocket.Accepted(other);
        var accepting = acceptor.AcceptAsync(socket, default, keys, NullLogger.Instance, CancellationToken.None).AsTask();
        await client.AuthenticateAsClientAsync(RawConnection.TlsOptions("localhost", SslApplicationProtocol.Http2)).WithPatience();
        using var channel = (await accepting.WithPatience())!;
        Assert.Equal(SslApplicationProtocol.Http2, channel.Facts.ApplicationProtocol);
        Assert.Equal("localhost", channel.Facts.ServerName);
        Assert.Null(channel.ClientCertificate);

        var buffer = new byte[10];
        await client.WriteAsync("there"u8.ToArray());
        await channel.WaitForInputAsync().AsTask().WithPatience();
        Assert.Equal(5, await channel.ReceiveAsync(buffer).AsTask().WithPatience());
        await channel.SendAsync("back"u8.ToArray(), CancellationToken.None).AsTask().WithPatience();
        Assert.Equal(4, await client.ReadAsync(buffer).AsTask().WithPatience());
        if (isClean) await client.ShutdownAsync();
        one.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await channel.ReceiveAsync(buffer).AsTask().WithPatience());
        Assert.Equal(!isClean, channel.IsTruncated);
        await channel.EndSendingAsync().AsTask().WithPatience();
        Assert.Equal(0, await client.ReadAsync(buffer).AsTask().WithPatience());
    }
}
