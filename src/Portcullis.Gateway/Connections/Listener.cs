using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// One address that the gateway listens on: a socket, a gate that decides about connections, and what serves them: its own sessions for
/// HTTP/1.1, and a Kestrel server for HTTP/2, with limits of their own. <see cref="ListenerSet{TContext}"/> starts, changes and stops listeners as the configuration says.
/// </summary>
public sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan GreetingGrace = TimeSpan.FromSeconds(1);

    private ListenSocket socket;
    private readonly ConnectionGate gate;
    private readonly AddressTable addresses;
    private readonly CertificateStore? certificates;
    private readonly KestrelServerHandle server;
    private readonly Http1Sessions sessions;
    private readonly ListenerServices services;
    private readonly ILogger logger;
    private int stopped;

    private Listener(
        ListenSocket socket,
        ConnectionRules rules,
        CertificateStore? certificates,
        Listener? predecessor,
        Func<Func<ListenerLimits>, Http1Sessions> createSessions,
        ListenerServices services,
        ILogger logger)
    {
        this.socket = socket;
        this.certificates = certificates;
        this.services = services;
        this.logger = logger;
        Name = rules.Listener;

        // Counts go on where a server is replaced: connections that drain on the old one still take their places.
        Counters = predecessor?.Counters ?? new ConnectionCounters();
        addresses = predecessor?.addresses ?? new AddressTable();

        sessions = createSessions(() => Rules.Options.Limits);
        gate = new ConnectionGate(rules, Counters, addresses, certificates, services, logger) { Sessions = sessions };
        server = KestrelServers.Create(gate, services);
    }

    /// <summary>The listener's key in the configuration.</summary>
    public string Name { get; }

    /// <summary>Where it listens, with the port that was taken for port 0.</summary>
    public IPEndPoint EndPoint => socket.EndPoint;

    /// <summary>The rules for the next connection.</summary>
    public ConnectionRules Rules => gate.Rules;

    public ConnectionCounters Counters { get; }

    /// <summary>The certificates in use; empty without TLS.</summary>
    public IReadOnlyList<CertificateStatus> Certificates => certificates?.Certificates ?? [];

    /// <summary>Why the certificate files as they are now can't be used; null while all is well.</summary>
    public string? CertificateProblem => certificates?.LastProblem;

    internal ListenSocket Socket => socket;

    /// <summary>Starts a single listener: for hosts that need no change at run time, and for tests.</summary>
    /// <exception cref="ListenerException">It can't be started; the message says why and what to do.</exception>
    public static async Task<Listener> StartAsync<TContext>(
        string name, ListenerOptions options, IHttpApplication<TContext> application, ListenerServices services, CancellationToken cancellationToken = default)
        where TContext : notnull
    {
        var plan = ListenerPlan.Prepare(name, options, null, services, services.Logging.CreateLogger<Listener>());
        var problem = plan.Problems.Count > 0 ? string.Join("; ", plan.Problems) : null;
        Listener? listener = null;
        try
        {
            if (problem is not null || !plan.TryBind(out problem)) throw new ListenerException(problem);
            listener = await CreateAsync(plan, null, application, services, cancellationToken);
        }
        finally
        {
            if (listener is null) await plan.AbandonAsync();
        }

        listener.Open();
        return listener;
    }

    /// <summary>
    /// Makes way for a successor: accepts no more, gives connections that were just accepted a second to bring their first request, then
    /// stops as <see cref="StopAsync"/> does.
    /// </summary>
    internal async Task RetireAsync(TimeSpan drain)
    {
        if (ReferenceEquals(socket.Gate, gate)) await socket.DisposeAsync();
        var settle = drain < GreetingGrace ? drain : GreetingGrace;
        await Task.Delay(settle, services.Time);
        await StopAsync(drain - settle);
    }

    /// <summary>
    /// Stops: accepts no more, tells HTTP/2 clients to go away (GOAWAY), closes idle connections, lets requests under way finish within
    /// <paramref name="drain"/> and aborts what is left.
    /// </summary>
    public async Task StopAsync(TimeSpan drain)
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0) return;
        try
        {
            ConnectionLog.ListenerDraining(logger, Name, EndPoint);

            // A socket that a successor has taken over stays open.
            if (ReferenceEquals(socket.Gate, gate)) await socket.DisposeAsync();
            await gate.CloseAsync(drain < GreetingGrace ? drain : GreetingGrace);
            using var limit = new CancellationTokenSource(drain, services.Time);
            await Task.WhenAll(sessions.StopAsync(limit.Token), server.Server.StopAsync(limit.Token));
        }
        finally
        {
            // Kestrel throws above what went wrong with any single connection.
            if (ReferenceEquals(socket.Gate, gate)) await socket.DisposeAsync();
            certificates?.Dispose();
            await gate.DisposeAsync();
            await sessions.DisposeAsync();
            await server.DisposeAsync();
        }

        ConnectionLog.ListenerStopped(logger, Name, EndPoint);
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    /// <summary>Makes and starts the server; it gets no connection before <see cref="Open"/>.</summary>
    /// <exception cref="ListenerException">The server does not start with these options; nothing of it is left.</exception>
    internal static async Task<Listener> CreateAsync<TContext>(
        ListenerPlan plan, Listener? predecessor, IHttpApplication<TContext> application, ListenerServices services, CancellationToken cancellationToken)
        where TContext : notnull
    {
        var listener = new Listener(
            plan.Socket!,
            plan.Rules,
            plan.Certificates,
            predecessor,
            limits => new Http1Sessions<TContext>(application, limits, services, plan.Logger),
            services,
            plan.Logger);
        try
        {
            await listener.server.Server.StartAsync(application, cancellationToken);
            return listener;
        }
        catch (Exception exception)
        {
            // Whatever the server objects to: the listeners that run must not be touched by it.
            await listener.AbandonAsync();
            if (exception is OperationCanceledException) throw;
            throw new ListenerException($"listener {listener.Name} can't be started: {exception.Message}");
        }
    }

    /// <summary>Gives back a server that was never opened. Socket and certificates are the plan's.</summary>
    internal async Task AbandonAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0) return;
        await gate.DisposeAsync();
        await sessions.DisposeAsync();
        await server.DisposeAsync();
    }

    /// <summary>Lets connections in; the listener that had the socket before gets none from here on.</summary>
    internal void Open()
    {
        certificates?.Watch();
        socket.Feed(gate);
        ConnectionLog.ListenerStarted(logger, Name, EndPoint, certificates is null ? "http" : "https", string.Join(", ", Rules.Options.Protocols));
    }

    /// <summary>Binds the address again after it was let go for another listener that could not have it either.</summary>
    internal void Rebind()
    {
        socket = ListenSocket.Bind(socket.Address.EndPoint.Port == 0 ? new ListenAddress(socket.EndPoint) : socket.Address, services.Time, logger);
        socket.Feed(gate);
    }

    /// <summary>Whether a running server can take the change over: Kestrel fixes protocols and TLS when it starts.</summary>
    internal bool CanTakeOver(ListenerOptions options)
        => options.Address == Rules.Options.Address
            && options.Tls is null == Rules.Options.Tls is null
            && options.Tls?.HandshakeTimeout == Rules.Options.Tls?.HandshakeTimeout
            && options.Protocols.ToHashSet().SetEquals(Rules.Options.Protocols);

    internal void TakeOver(ListenerPlan plan)
    {
        KestrelLimits.Apply(plan.Rules.Options.Limits, server.Options.Limits);
        if (plan.Certificates is not null) certificates!.Adopt(plan.Certificates);
        gate.Rules = plan.Rules;
        ConnectionLog.ListenerChanged(logger, Name);
    }
}
