using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Tests.Connections.Tls;

public sealed class HandshakeInputTests
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task What_arrives_is_worked_on_in_the_pool_until_the_handshake_is_done(bool isDone, bool expectPool)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        var input = new HandshakeInput(pipe.Reader, new Admission(new ConnectionCounters(), new AddressTable()) { HandshakeDone = isDone });
        // What waits for it must not run on the socket's thread: it would wait for itself.
        var noted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = NoteThreadAsync(input, noted);

        var socketThread = new Thread(() =>
        {
            pipe.Writer.Write("hello"u8);
            _ = pipe.Writer.FlushAsync(CancellationToken.None).AsTask();
        });
        socketThread.Start();

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

    private static async Task NoteThreadAsync(PipeReader input, TaskCompletionSource<bool> noted)
    {
        var read = await input.ReadAsync(TestContext.Current.CancellationToken).ConfigureAwait(false);
        var inPool = Thread.CurrentThread.IsThreadPoolThread;
        input.AdvanceTo(read.Buffer.End);
        noted.SetResult(inPool);
    }
}
