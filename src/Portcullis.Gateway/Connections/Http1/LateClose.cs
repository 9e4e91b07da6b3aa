using Microsoft.AspNetCore.Connections;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Tells Kestrel a little late that an HTTP/1.1 client ended its sending. Kestrel takes the end for an abort and throws away even the answer
/// that it is writing; but a client may close its half once its request is out (RFC 9112 §9.6), as <c>nc</c> and scripts do.
/// </summary>
/// <remarks>An abort is noticed later by the same grace; a write to a client that is gone fails at once in any case.</remarks>
internal sealed class LateClose : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly ConnectionContext connection;
    private readonly CancellationToken closed;
    private readonly CancellationTokenSource late;
    private readonly CancellationTokenRegistration registration;

    public LateClose(ConnectionContext connection, TimeProvider time)
    {
        this.connection = connection;
        closed = connection.ConnectionClosed;
        late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        connection.ConnectionClosed = late.Token;
        registration = closed.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(Grace), late);
    }

    public void Dispose()
    {
        registration.Dispose();
        connection.ConnectionClosed = closed;
        late.Dispose();
    }
}
