using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// The running listeners. <see cref="ApplyAsync"/> makes them as the configuration says, all or nothing: whatever can fail is done before
/// the switch, and undone where something does. Calls wait for each other.
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
    /// <param name="wanted">Options by name.</param>
    /// <param name="publish">
    /// Runs once when everything that can fail is done, right before the switch: what it publishes is there when the first connection reaches a
    /// changed listener, and never published where a listener is in the way. Where it throws, nothing is switched.
    /// </param>
    public async Task<IReadOnlyList<string>> ApplyAsync(IReadOnlyDictionary<string, ListenerOptions> wanted, Action? publish = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        await turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(stopped, this);
            return await ApplyInTurnAsync(wanted, publish, cancellationToken);
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

    private async Task<IReadOnlyList<string>> ApplyInTurnAsync(IReadOnlyDictionary<string, ListenerOptions> wanted, Action? publish, CancellationToken cancellationToken)
    {
        var plans = new List<ListenerPlan>();
        var made = new List<Listener>();
        var moves = new List<Listener>();
        var problems = new List<string>(FindClashes(wanted));
        var isReady = false;
        try
        {
            // 1. Read every file and find the sockets that stay in use.
            foreach (var (name, options) in wanted)
            {
                plans.Add(Prepare(name, options));
                problems.AddRange(plans[^1].Problems);
            }

            // 2. Bind what is new.
            if (problems.Count == 0) await BindAsync(plans, moves, problems);

            // 3. Make the new listeners; they get no connection yet.
            cancellationToken.ThrowIfCancellationRequested();
            if (problems.Count == 0) Make(plans, made);

            // 4. From here on the new configuration runs.
            if (problems.Count == 0)
            {
                publish?.Invoke();
                isReady = true;
            }
        }
        finally
        {
            if (!isReady) await RollBackAsync(plans, made, moves, problems);
        }

        if (isReady) Switch(plans, made);
        return problems;
    }

    private async Task BindAsync(List<ListenerPlan> plans, List<Listener> moves, List<string> problems)
    {
        var stays = plans.Select(plan => plan.Socket).OfType<ListenSocket>().ToHashSet();
        foreach (var plan in plans)
        {
            if (!plan.TryBind(out var problem) && !await TryBindInPlaceAsync(plan, stays, moves)) problems.Add(problem);
        }
    }

    private void Make(List<ListenerPlan> plans, List<Listener> made)
    {
        foreach (var plan in plans)
        {
            var running = current.GetValueOrDefault(plan.Rules.Listener);
            if (!CanTakeOver(running, plan)) made.Add(Listener.Create(plan, running, application, services));
        }
    }

    private async Task RollBackAsync(List<ListenerPlan> plans, List<Listener> made, List<Listener> moves, List<string> problems)
    {
        foreach (var listener in made) await listener.AbandonAsync();
        foreach (var plan in plans) await plan.AbandonAsync();
        foreach (var listener in moves)
        {
            try
            {
                listener.Rebind();
            }
            catch (Exception exception) when (exception is SocketException or AddressInUseException)
            {
                // Another program was faster. The next configuration that is applied binds it again.
                problems.Add($"listener {listener.Name}: {listener.EndPoint} was let go for the change and can't be had back: {exception.Message}");
                ConnectionLog.AddressLost(logger, listener.Name, listener.EndPoint, exception.Message);
            }
        }
    }

    // Nothing here fails.
    private void Switch(List<ListenerPlan> plans, List<Listener> made)
    {
        var next = made.ToDictionary(listener => listener.Name, StringComparer.Ordinal);
        foreach (var plan in plans)
        {
            if (next.TryGetValue(plan.Rules.Listener, out var listener))
            {
                listener.Open();
                continue;
            }

            next[plan.Rules.Listener] = current[plan.Rules.Listener];
            current[plan.Rules.Listener].TakeOver(plan);
        }

        var leaving = current.Values.Except(next.Values).ToList();
        current = next;
        draining.RemoveAll(task => task.IsCompleted);
        foreach (var listener in leaving) draining.Add(StopAsync(listener, retires: true));
    }

    // A listener whose address was lost in a change that failed needs a new socket, and with it a new server.
    private static bool CanTakeOver([NotNullWhen(true)] Listener? running, ListenerPlan plan)
        => running is not null && running.CanTakeOver(plan.Rules.Options) && ReferenceEquals(plan.Socket, running.Socket);

    private ListenerPlan Prepare(string name, ListenerOptions options)
    {
        // Whoever has the address hands its socket over, also to a listener of another name. Port 0 is never the same address twice.
        var holder = current.GetValueOrDefault(name);
        if (holder is null || !Holds(holder, options.Address))
            holder = options.Address.EndPoint.Port == 0 ? null : current.Values.FirstOrDefault(listener => Holds(listener, options.Address));
        return ListenerPlan.Prepare(name, options, holder?.Socket, services, logger);
    }

    private static bool Holds(Listener listener, ListenAddress address) => listener.Rules.Options.Address == address && !listener.Socket.IsClosed;

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
        var inTheWay = current.Values.Where(listener => listener.EndPoint.Port == port && !listener.Socket.IsClosed && !stays.Contains(listener.Socket)).ToList();
        if (inTheWay.Count == 0) return false;
        moves.AddRange(inTheWay);
        foreach (var listener in inTheWay) await listener.Socket.DisposeAsync();
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
            // The listener is closed all the same.
            ConnectionLog.ListenerStopFailed(logger, exception, listener.Name);
        }
    }
}
