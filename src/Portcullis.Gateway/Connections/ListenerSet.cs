using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// The running listeners. <see cref="ApplyAsync"/> makes them as the configuration says, all or nothing: whatever can fail is tried before
/// anything changes. Calls wait for each other.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>New: bound and started. Removed: accepts no more, drains, stops.</item>
/// <item>Limits, firewall, trusted proxies, PROXY protocol, certificates: taken over by the running server; no connection closes.</item>
/// <item>Protocols, TLS on or off, handshake time-out: a new server takes over the listening socket, and the old one drains.</item>
/// <item>Address: the new one is bound first; then the old one drains.</item>
/// </list>
/// </remarks>
/// <param name="application">What serves the requests of every listener.</param>
/// <param name="services">What listeners need from the process.</param>
/// <param name="drain">Longest time that requests under way may take on a listener that goes. Default of the gateway: 30 s.</param>
public sealed class ListenerSet<TContext>(IHttpApplication<TContext> application, ListenerServices services, TimeSpan drain) : IAsyncDisposable
    where TContext : notnull
{
    private readonly ILogger logger = services.Logging.CreateLogger<Listener>();
    private readonly SemaphoreSlim turn = new(1);
    private readonly List<Task> draining = [];
    private volatile IReadOnlyDictionary<string, Listener> current = new Dictionary<string, Listener>(StringComparer.Ordinal);
    private bool stopped;

    /// <summary>The running listeners by name.</summary>
    public IReadOnlyDictionary<string, Listener> Current => current;

    /// <summary>Makes the listeners as wanted; returns what stands in the way, in which case nothing has changed.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(IReadOnlyDictionary<string, ListenerOptions> wanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        await turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(stopped, this);
            return await ApplyInTurnAsync(wanted, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops all listeners at once and waits until they have drained, those that were on their way out included.</summary>
    public async Task StopAsync()
    {
        await turn.WaitAsync();
        try
        {
            stopped = true;
            foreach (var listener in current.Values) draining.Add(StopAsync(listener, retires: false));
            current = new Dictionary<string, Listener>(StringComparer.Ordinal);
            await Task.WhenAll(draining);
            draining.Clear();
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        turn.Dispose();
    }

    private async Task<IReadOnlyList<string>> ApplyInTurnAsync(IReadOnlyDictionary<string, ListenerOptions> wanted, CancellationToken cancellationToken)
    {
        // 1. Read every file and find the sockets that stay in use.
        var plans = wanted.Select(pair => Prepare(pair.Key, pair.Value)).ToList();
        var problems = new List<string>(FindClashes(wanted));
        foreach (var plan in plans) problems.AddRange(plan.Problems);

        // 2. Bind what is new.
        var stays = plans.Select(plan => plan.Socket).OfType<ListenSocket>().ToHashSet();
        var moves = new List<Listener>();
        if (problems.Count == 0)
        {
            foreach (var plan in plans)
            {
                if (!plan.TryBind(out var problem) && !await TryBindInPlaceAsync(plan, stays, moves)) problems.Add(problem);
            }
        }

        // 3. Start the new servers; they get no connection yet.
        var next = new Dictionary<string, Listener>(StringComparer.Ordinal);
        if (problems.Count == 0)
        {
            foreach (var plan in plans)
            {
                var running = current.GetValueOrDefault(plan.Rules.Listener);
                next[plan.Rules.Listener] = running is not null && running.CanTakeOver(plan.Rules.Options)
                    ? running
                    : await Listener.CreateAsync(plan, running, application, services, cancellationToken);
            }
        }
        else
        {
            foreach (var plan in plans) await plan.AbandonAsync();
            foreach (var listener in moves) listener.Rebind();
            return problems;
        }

        // 4. Switch over. Nothing from here on fails.
        foreach (var plan in plans)
        {
            var listener = next[plan.Rules.Listener];
            if (current.GetValueOrDefault(plan.Rules.Listener) == listener) listener.TakeOver(plan);
            else listener.Open();
        }

        var leaving = current.Values.Except(next.Values).ToList();
        current = next;
        draining.RemoveAll(task => task.IsCompleted);
        foreach (var listener in leaving) draining.Add(StopAsync(listener, retires: true));
        return [];
    }

    private ListenerPlan Prepare(string name, ListenerOptions options)
    {
        // Whoever has the address hands its socket over, also to a listener of another name. Port 0 is never the same address twice.
        var holder = current.GetValueOrDefault(name);
        if (holder is null || holder.Rules.Options.Address != options.Address)
            holder = options.Address.EndPoint.Port == 0 ? null : current.Values.FirstOrDefault(listener => listener.Rules.Options.Address == options.Address);
        return ListenerPlan.Prepare(name, options, holder?.Socket, services, logger);
    }

    private static IEnumerable<string> FindClashes(IReadOnlyDictionary<string, ListenerOptions> wanted)
        => wanted
            .Where(pair => pair.Value.Address.EndPoint.Port != 0)
            .GroupBy(pair => pair.Value.Address)
            .Where(group => group.Count() > 1)
            .Select(group => $"listeners {string.Join(" and ", group.Select(pair => pair.Key))} have one address: {group.Key}");

    // 127.0.0.1:8443 and 0.0.0.0:8443 can't be bound at once, so a change from one to the other has to let go first. Connections are
    // refused for the instant in between.
    private async Task<bool> TryBindInPlaceAsync(ListenerPlan plan, HashSet<ListenSocket> stays, List<Listener> moves)
    {
        var port = plan.Rules.Options.Address.EndPoint.Port;
        var inTheWay = current.Values.Where(listener => listener.EndPoint.Port == port && !stays.Contains(listener.Socket)).ToList();
        if (inTheWay.Count == 0) return false;
        foreach (var listener in inTheWay) await listener.Socket.DisposeAsync();
        moves.AddRange(inTheWay);
        return plan.TryBind(out _);
    }

    private async Task StopAsync(Listener listener, bool retires)
    {
        try
        {
            await (retires ? listener.RetireAsync(drain) : listener.StopAsync(drain));
        }
        catch (Exception exception)
        {
            // Kestrel reports here what went wrong with any single connection; the listener is closed all the same.
            ConnectionLog.ListenerStopFailed(logger, exception, listener.Name);
        }
    }
}
