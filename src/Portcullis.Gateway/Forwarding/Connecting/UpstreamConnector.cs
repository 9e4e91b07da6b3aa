using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// Opens TCP connections to one destination and to nothing else: resolves its name itself, so that the address that is
/// checked is the address that is connected to. Thread safe; shared by all transports of the destination.
/// </summary>
/// <remarks>
/// Names are resolved anew for each connection: pooled connections live minutes, the system's resolver caches, and a
/// changed record is seen at once. The caps on connections bound the number of look-ups.
/// </remarks>
internal sealed class UpstreamConnector
{
    private readonly string host;
    private readonly int port;
    private readonly IPAddress? literal;
    private readonly AddressRules rules;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;
    private readonly IHostResolver resolver;
    private int turn;

    /// <param name="host">A host name, or an IP address with or without brackets.</param>
    /// <param name="port">TCP port.</param>
    /// <param name="rules">What a name may resolve to.</param>
    /// <param name="timeout">For resolving and connecting together.</param>
    /// <param name="clock">The clock of the time-outs.</param>
    /// <param name="resolver">Null: the system's.</param>
    public UpstreamConnector(string host, int port, AddressRules rules, TimeSpan timeout, TimeProvider clock, IHostResolver? resolver = null)
    {
        this.host = host.Length > 1 && host[0] == '[' ? host[1..^1] : host;
        this.port = port;
        this.rules = rules;
        this.timeout = timeout;
        this.clock = clock;
        this.resolver = resolver ?? SystemHostResolver.Instance;
        literal = IPAddress.TryParse(this.host, out var address) ? address : null;
    }

    /// <summary>Connects. Failures are values; a fired <paramref name="cancellationToken"/> is <see cref="ForwardError.Connect"/> too.</summary>
    public async ValueTask<ConnectResult> ConnectAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        if (literal is not null) return await ConnectToAsync(literal, linked.Token);

        IPAddress[] resolved;
        try
        {
            resolved = await resolver.ResolveAsync(host, linked.Token);
        }
        catch (SocketException e)
        {
            return ConnectResult.Failed(ForwardError.Resolve, $"{host}: {e.SocketErrorCode}");
        }
        catch (OperationCanceledException)
        {
            return ConnectResult.Failed(ForwardError.Resolve, $"{host}: no answer in time");
        }

        if (resolved.Length == 0) return ConnectResult.Failed(ForwardError.Resolve, $"{host}: no addresses");

        var permitted = new List<IPAddress>(resolved.Length);
        foreach (var address in resolved)
        {
            if (rules.Permits(host, address)) permitted.Add(address);
        }

        if (permitted.Count == 0) return ConnectResult.Failed(ForwardError.AddressForbidden, $"{host} resolves to {resolved[0]}, which the network rules forbid");
        if (permitted.Count == 1) return await ConnectToAsync(permitted[0], linked.Token);
        return await RaceAsync(AddressOrder.Arrange(permitted, Interlocked.Increment(ref turn)), linked.Token);
    }

    private async ValueTask<ConnectResult> RaceAsync(List<IPAddress> addresses, CancellationToken cancellationToken)
    {
        using var race = new ConnectRace(clock, ConnectToAsync, cancellationToken);
        return await race.RunAsync(addresses);
    }

    private async ValueTask<ConnectResult> ConnectToAsync(IPAddress address, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            // Fails where the process has no file descriptor left, or the kernel no such protocol.
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

            // A peer that vanished without a word is found after about two minutes even on a connection that only waits.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
            return ConnectResult.From(await LoopSocket.ConnectAsync(socket, new IPEndPoint(address, port), cancellationToken));
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return ConnectResult.Failed(ForwardError.Connect, $"{address}:{port}: {e.SocketErrorCode}");
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
            return ConnectResult.Failed(ForwardError.Connect, $"{address}:{port}: no connection in time");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
