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
/// One address that the gateway listens on: a socket, a gate that decides about connections, and the sessions that serve them. <see cref="ListenerSet{TContext}"/> starts, changes and stops listeners as the configuration says.
/// </summary>
public sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan GreetingGrace = TimeSpan.FromSeconds(1);

    private ListenSocket socket;
    private readonly ConnectionGate gate;
    private readonly AddressTable addresses;
    private readonly CertificateStore? certificates;
    private readonly ClientSessions sessions;
    private readonly ListenerServices services;
    private readonly ILogger logger;
    private int stopped;

    private Listener(
        ListenSocket socket,
        ConnectionRules rules,
        CertificateStore? certificates,
        Listener? predecessor,
        Func<Func<ListenerLimits>, ClientSessions> createSessions,
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
        string name, ListenerOptions options, IHttpApplication<TContext> application, ListenerServices services)
        where TContext : notnull
    {
        var plan = ListenerPlan.Prepare(name, options, null, services, services.Logging.CreateLogger<Listener>());
        var problem = plan.Problems.Count > 0 ? string.Join("; ", plan.Problems) : null;
        Listener? listener = null;
        try
        {
            if (problem is not null || !plan.TryBind(out problem)) throw new ListenerException(problem);
            listener = Create(plan, null, application, services);
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
            await sessions.StopAsync(limit.Token);
        }
        finally
        {
            if (ReferenceEquals(socket.Gate, gate)) await socket.DisposeAsync();
            certificates?.Dispose();
            await gate.DisposeAsync();
            await sessions.DisposeAsync();
        }

        ConnectionLog.ListenerStopped(logger, Name, EndPoint);
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    /// <summary>Makes the listener; it gets no connection before <see cref="Open"/>.</summary>
    internal static Listener Create<TContext>(ListenerPlan plan, Listener? predecessor, IHttpApplication<TContext> application, ListenerServices services)
        where TContext : notnull
        => new(
            plan.Socket!,
            plan.Rules,
            plan.Certificates,
            predecessor,
            limits => new ClientSessions<TContext>(application, limits, services, plan.Logger),
            services,
            plan.Logger);

    /// <summary>Gives back a listener that was never opened. Socket and certificates are the plan's.</summary>
    internal async Task AbandonAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0) return;
        await gate.DisposeAsync();
        await sessions.DisposeAsync();
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

    /// <summary>Whether the running listener can take the change over: it was made for its protocols, and with or without TLS.</summary>
    internal bool CanTakeOver(ListenerOptions options)
        => options.Address == Rules.Options.Address
            && options.Tls is null == Rules.Options.Tls is null
            && options.Tls?.HandshakeTimeout == Rules.Options.Tls?.HandshakeTimeout
            && options.Protocols.ToHashSet().SetEquals(Rules.Options.Protocols);

    internal void TakeOver(ListenerPlan plan)
    {
        if (plan.Certificates is not null) certificates!.Adopt(plan.Certificates);
        gate.Rules = plan.Rules;
        ConnectionLog.ListenerChanged(logger, Name);
    }
}
