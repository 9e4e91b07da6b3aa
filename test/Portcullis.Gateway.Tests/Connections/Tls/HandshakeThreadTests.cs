using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Tests.Connections.Tls;

public sealed class HandshakeThreadTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task What_arrives_is_worked_on_in_the_pool_until_the_handshake_is_done(bool resumesInPool, bool expectPool)
    {
        var (one, other) = await SocketPair.ConnectAsync();
        using var peer = other;
        await using var stream = new LoopStream(LoopSocket.Accepted(one)) { ResumesInPool = resumesInPool };

        // What waits for it must not run on the loop's thread: it would wait for itself.
        var noted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = NoteThreadAsync(stream, noted);
        await peer.SendAsync("hello"u8.ToArray(), SocketFlags.None);

        Assert.Equal(expectPool, await noted.Task.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_flood_of_half_handshakes_does_not_hold_up_a_request()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        var flood = new List<RawConnection>();
        try
        {
            for (var i = 0; i < 50; i++)
            {
                var half = await RawConnection.OpenAsync(listener.EndPoint);
                await half.SendAsync("\u0016\u0003\u0001\u0002\u0000\u0001");
                flood.Add(half);
            }

            using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
            using var response = await client.GetAsync($"https://{listener.EndPoint}/", TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            foreach (var half in flood) await half.DisposeAsync();
        }
    }

    private static async Task NoteThreadAsync(LoopStream stream, TaskCompletionSource<bool> noted)
    {
        await stream.ReadAsync(new byte[16], CancellationToken.None).ConfigureAwait(false);
        noted.SetResult(Thread.CurrentThread.IsThreadPoolThread);
    }
}
