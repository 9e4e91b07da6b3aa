using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Decides about a connection before a byte of it is answered: address rules, connection limits, PROXY header; then shakes hands where the
/// listener has TLS, tells HTTP/1.1 from HTTP/2, and hands the connection to what serves it.
/// </summary>
internal sealed class ConnectionGate : IAsyncDisposable
{
    private readonly ConnectionCounters counters;
    private readonly AddressTable addresses;
    private readonly CertificateStore? certificates;
    private readonly TimeProvider time;
    private readonly AddressMask shown;
    private readonly ILogger logger;
    private readonly FloodLog floods;
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ConnectionRules rules;

    // One for the gate itself until it closes, and one for every connection that is being greeted.
    private int greeting = 1;
    private int closed;

    public ConnectionGate(ConnectionRules rules, ConnectionCounters counters, AddressTable addresses, CertificateStore? certificates, ListenerServices services, ILogger logger)
    {
        this.rules = rules;
        this.counters = counters;
        this.addresses = addresses;
        this.certificates = certificates;
        time = services.Time;
        shown = services.Addresses;
        this.logger = logger;
        floods = new FloodLog(services, counters, logger);
    }

    /// <summary>Where the connections are served.</summary>
    public required ClientSessions Sessions { get; init; }

    /// <summary>The rules for the next connection.</summary>
    public ConnectionRules Rules
    {
        get => rules;
        set => rules = value;
    }

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

    private void Count(ConnectionRefusal reason, IPEndPoint client)
    {
        counters.CountRefused(reason);
        ConnectionLog.ConnectionRefused(logger, rules.Listener, reason, shown.Show(client.Address));
    }

    private bool Refuse(Socket socket, IPEndPoint peer, ConnectionRefusal reason)
    {
        Count(reason, peer);

        // Reset: leaves no TIME_WAIT behind for each connection of a flood.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
        return true;
    }

    private void Serve(Socket socket, ConnectionRules current, IPEndPoint peer, bool trusted, Admission admission)
    {
        socket.NoDelay = true;
        var local = socket.LocalEndPoint;
        var connection = LoopSocket.Accepted(socket);
        var peeks = certificates is null && current.SpeaksHttp1 && current.SpeaksHttp2;
        var greeter = new Greeter(connection, current, peer, trusted, peeks);
        if (certificates is null && !greeter.IsNeeded)
        {
            counters.CountAccepted();
            _ = ServeAsync(new Opened(connection, null, greeter.Connection, local, default, !current.SpeaksHttp1), admission);
        }
        else if (TryBeginGreeting())
        {
            _ = GreetAsync(greeter, connection, local, admission);
        }
        else
        {
            // Closed just now. The connection can't go to a successor any more; drop it like any idle one.
            connection.Reset();
            admission.Release();
        }
    }

    private async Task GreetAsync(Greeter greeter, LoopSocket connection, EndPoint? local, Admission admission)
    {
        Opened? opened = null;
        try
        {
            var refusal = greeter.IsNeeded ? await greeter.GreetAsync(admission, time, closing.Token) : null;
            if (refusal is null && certificates is null)
            {
                opened = new Opened(connection, null, greeter.Connection, local, greeter.Early, greeter.SawHttp2Preface || !rules.SpeaksHttp1);
            }
            else if (refusal is null)
            {
                var tls = await ShakeHandsAsync(connection, greeter);
                if (tls is not null) opened = new Opened(connection, tls, greeter.Connection, local, default, tls.Facts.ApplicationProtocol == SslApplicationProtocol.Http2);
            }

            if (refusal is { } reason) Count(reason, greeter.Client);
        }
        catch (Exception exception)
        {
            // Whatever it is, it is this connection's end and nothing else's.
            ConnectionLog.ConnectionFailed(logger, exception, greeter.Client);
        }
        finally
        {
            if (opened is null)
            {
                connection.Reset();
                admission.Release();
            }

            EndGreeting();
        }

        if (opened is null) return;
        counters.CountAccepted();
        await ServeAsync(opened, admission);
    }

    /// <summary>Null where the handshake fails or takes too long.</summary>
    private async ValueTask<SecureChannel?> ShakeHandsAsync(LoopSocket connection, Greeter greeter)
    {
        using var expiry = new CancellationTokenSource(rules.Options.Tls!.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, closing.Token);
        SecureChannel? channel = null;
        try
        {
            channel = await certificates!.AcceptAsync(connection, greeter.Early, either.Token);
        }
        catch (Exception exception) when (BrokenConnection.Is(exception))
        {
            ConnectionLog.HandshakeFailed(logger, exception.Message);
        }

        if (channel is null) Count(ConnectionRefusal.Handshake, greeter.Client);
        return channel;
    }

    private async Task ServeAsync(Opened opened, Admission admission)
    {
        var facts = new ConnectionFeatures(opened.Local, opened.Client.Client, opened.Tls);
        var wire = new Wire(opened.Connection, opened.Tls);
        try
        {
            if (opened.IsHttp2 ? rules.SpeaksHttp2 : rules.SpeaksHttp1)
            {
                ClientSession session = opened.IsHttp2
                    ? new Http2Session(Sessions, wire, opened.Client, facts, floods)
                    : new Http1Session(Sessions, wire, opened.Client, facts);
                await Sessions.ServeAsync(session, opened.Early);
            }
            else
            {
                await wire.EndSendingAsync();
                wire.Dispose();
            }
        }
        catch (Exception exception) when (BrokenConnection.Is(exception))
        {
            wire.Dispose();
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

    private sealed record Opened(LoopSocket Connection, SecureChannel? Tls, ClientConnection Client, EndPoint? Local, ReadOnlyMemory<byte> Early, bool IsHttp2);
}
