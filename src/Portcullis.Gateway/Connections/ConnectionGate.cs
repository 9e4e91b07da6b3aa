using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Decides about a connection before a byte of it is answered: address rules, connection limits, PROXY header; then tells HTTP/1.1 from
/// HTTP/2 on plain listeners and hands the connection to Kestrel.
/// </summary>
internal sealed class ConnectionGate : IAsyncDisposable
{
    private readonly SocketConnectionContextFactory factory;
    private readonly ConnectionCounters counters;
    private readonly AddressTable addresses;
    private readonly TimeProvider time;
    private readonly AddressMask shown;
    private readonly ILogger logger;
    private readonly GateLane lane;
    private readonly GateLane? http2Lane;
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ConnectionRules rules;

    // One for the gate itself until it closes, and one for every connection that is being greeted.
    private int greeting = 1;
    private int closed;

    public ConnectionGate(ConnectionRules rules, ConnectionCounters counters, AddressTable addresses, SocketConnectionContextFactory factory, ListenerServices services, ILogger logger)
    {
        this.rules = rules;
        this.counters = counters;
        this.addresses = addresses;
        this.factory = factory;
        time = services.Time;
        shown = services.Addresses;
        this.logger = logger;
        var peeks = rules.Options.Tls is null && rules.SpeaksHttp1 && rules.SpeaksHttp2;
        LaneEndPoint = new LaneEndPoint(rules.Listener, peeks ? HttpVersionName.Http1 : null);
        lane = new GateLane(LaneEndPoint);
        if (peeks)
        {
            Http2LaneEndPoint = new LaneEndPoint(rules.Listener, HttpVersionName.Http2);
            http2Lane = new GateLane(Http2LaneEndPoint);
        }
    }

    /// <summary>The rules for the next connection.</summary>
    public ConnectionRules Rules
    {
        get => rules;
        set => rules = value;
    }

    /// <summary>The only lane, or that of HTTP/1.1 where there are two.</summary>
    public LaneEndPoint LaneEndPoint { get; }

    /// <summary>The lane of HTTP/2 by prior knowledge (RFC 9113 §3.3) beside HTTP/1.1.</summary>
    public LaneEndPoint? Http2LaneEndPoint { get; }

    public GateLane Lane(EndPoint endPoint) => ReferenceEquals(endPoint, Http2LaneEndPoint) ? http2Lane! : lane;

    /// <summary>Takes the socket over, to serve or to close; false when the gate is closed and the socket still the caller's.</summary>
    public bool TryAccept(Socket socket)
    {
        if (Volatile.Read(ref closed) != 0) return false;
        var current = rules;
        if (!TryReadPeer(socket, out var peer))
        {
            socket.Dispose();
            return true;
        }

        var trusted = current.TrustedProxies.Contains(peer.Address);
        var proxyHeader = current.Options.ProxyProtocol;
        if (!trusted && (proxyHeader == ProxyProtocolMode.Required || !current.Firewall.Admits(peer.Address)))
            return Refuse(socket, peer, ConnectionRefusal.Firewall);
        if (!counters.TryOpen(current.Options.Limits.Connections))
            return Refuse(socket, peer, ConnectionRefusal.ConnectionLimit);

        var admission = new Admission(counters, addresses);
        if (!trusted && !admission.TryCount(peer.Address, current.Options.Limits.ConnectionsPerAddress))
        {
            admission.Release();
            return Refuse(socket, peer, ConnectionRefusal.AddressLimit);
        }

        try
        {
            Serve(socket, current, peer, trusted, admission);
            return true;
        }
        catch
        {
            admission.Release();
            throw;
        }
    }

    /// <summary>Lets no more in; waits for connections whose first bytes are awaited, and drops them after the time given.</summary>
    public async Task CloseAsync(TimeSpan grace)
    {
        if (Interlocked.Exchange(ref closed, 1) == 0) EndGreeting();
        if (!idle.Task.IsCompleted)
        {
            using var expiry = new CancellationTokenSource(grace, time);
            await using var registration = expiry.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), closing);
            await idle.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await CloseAsync(TimeSpan.Zero);
        await lane.DisposeAsync();
        if (http2Lane is not null) await http2Lane.DisposeAsync();
        closing.Dispose();
    }

    private static bool TryReadPeer(Socket socket, out IPEndPoint peer)
    {
        try
        {
            peer = (IPEndPoint)socket.RemoteEndPoint!;
            if (peer.Address.IsIPv4MappedToIPv6) peer = new IPEndPoint(peer.Address.MapToIPv4(), peer.Port);
            return true;
        }
        catch (SocketException)
        {
            // Reset before it was accepted.
            peer = null!;
            return false;
        }
    }

    private bool Refuse(Socket socket, IPEndPoint peer, ConnectionRefusal reason)
    {
        counters.CountRefused(reason);
        ConnectionLog.ConnectionRefused(logger, rules.Listener, reason, shown.Show(peer.Address));

        // Reset: leaves no TIME_WAIT behind for each connection of a flood.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
        return true;
    }

    private void Serve(Socket socket, ConnectionRules current, IPEndPoint peer, bool trusted, Admission admission)
    {
        socket.NoDelay = true;
        var connection = factory.Create(socket);
        connection.RemoteEndPoint = peer;
        connection.Features.Set(admission);
        var greeter = new Greeter(connection, current, peer, trusted, http2Lane is not null);
        if (!greeter.IsNeeded)
        {
            connection.Features.Set(new ClientConnection(current, peer));
            if (!lane.TryAdd(connection)) _ = DropAsync(connection, admission);
            else counters.CountAccepted();
        }
        else if (TryBeginGreeting())
        {
            _ = GreetAsync(greeter, connection, peer, admission);
        }
        else
        {
            // Closed just now. The connection is a pipe already, so it can't go to a successor as a socket; drop it like any idle one.
            _ = DropAsync(connection, admission);
        }
    }

    private async Task GreetAsync(Greeter greeter, ConnectionContext connection, IPEndPoint peer, Admission admission)
    {
        try
        {
            var refusal = await greeter.GreetAsync(admission, time, closing.Token);
            if (refusal is { } reason)
            {
                counters.CountRefused(reason);
                ConnectionLog.ConnectionRefused(logger, rules.Listener, reason, shown.Show(greeter.Client.Address));
            }
            else if ((greeter.SawHttp2Preface ? http2Lane! : lane).TryAdd(connection))
            {
                counters.CountAccepted();
                return;
            }

            await DropAsync(connection, admission);
        }
        catch (Exception exception)
        {
            // Whatever it is, it is this connection's end and nothing else's.
            await DropAsync(connection, admission);
            ConnectionLog.ConnectionFailed(logger, exception, peer);
        }
        finally
        {
            EndGreeting();
        }
    }

    private static async Task DropAsync(ConnectionContext connection, Admission admission)
    {
        try
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
        finally
        {
            admission.Release();
        }
    }

    private bool TryBeginGreeting()
    {
        var current = Volatile.Read(ref greeting);
        while (current > 0)
        {
            var seen = Interlocked.CompareExchange(ref greeting, current + 1, current);
            if (seen == current) return true;
            current = seen;
        }

        return false;
    }

    private void EndGreeting()
    {
        if (Interlocked.Decrement(ref greeting) == 0) idle.TrySetResult();
    }
}
