using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>An upstream that does what a test says on each connection, be it HTTP or not.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<RawPeer, Task> handle;
    private readonly SslServerAuthenticationOptions? tls;
    private readonly Task accepting;
    private readonly List<Exception> failures = [];
    private int accepted;
    private int open;

    public RawServer(Func<RawPeer, Task> handle, SslServerAuthenticationOptions? tls = null)
    {
        this.handle = handle;
        this.tls = tls;
        listener.Start(512);
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Connections whose handler has not ended.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Answers each request on each connection the same way.</summary>
    public static RawServer Answering(string response) => new(async peer =>
    {
        while (await peer.ReadHeadAsync() is not null)
            await peer.WriteAsync(response);
    });

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
        if (failures.Count > 0)
            throw new AggregateException(failures);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return; // stopped
            }

            var number = Interlocked.Increment(ref accepted);
            Interlocked.Increment(ref open);
            _ = ServeAsync(socket, number);
        }
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        try
        {
            socket.NoDelay = true;
            Stream stream = new NetworkStream(socket);
            if (tls is not null)
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsServerAsync(tls);
            }

            await handle(new RawPeer(stream, socket, number));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, as some tests have it.
        }
        catch (Exception e)
        {
            lock (failures)
                failures.Add(e);
        }
        finally
        {
            socket.Dispose();
            Interlocked.Decrement(ref open);
        }
    }
}
