using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// The connections to one destination. The one used last is used first, so that what a burst opened grows old and is closed.
/// At the cap requests wait in order; when the queue is full too they are refused. Thread safe.
/// </summary>
internal sealed class ConnectionPool : IAsyncDisposable
{
    // Idle connections are looked over for an upstream's close every so many sweeps: about every four seconds.
    private const int SweepsPerLook = 16;

    private readonly Lock gate = new();
    private readonly ConnectionOptions options;
    private readonly ITimer sweep;
    private readonly List<Http1Connection> all = [];   // at most options.Maximum, as is idle
    private readonly List<Http1Connection> idle = [];  // a stack: the longest idle ones at the bottom
    private readonly LinkedList<PoolWaiter> waiting = []; // at most options.Queue
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int slots; // connections that are open or being opened
    private int sweeps;
    private bool closed;

    public ConnectionPool(ConnectionOptions options, TimeProvider source)
    {
        this.options = options;
        Clock = new ConnectionClock(source);
        sweep = source.CreateTimer(static state => ((ConnectionPool)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ConnectionClock Clock { get; }

    /// <summary>Connections that are open or being opened.</summary>
    public int Open
    {
        get
        {
            lock (gate)
                return slots;
        }
    }

    public int Idle
    {
        get
        {
            lock (gate)
                return idle.Count;
        }
    }

    /// <summary>Takes the idle connection that was used last; null where there is none.</summary>
    public Http1Connection? TryTakeIdle()
    {
        lock (gate)
            return idle.Count > 0 && !closed ? PopIdle(idle.Count - 1) : null;
    }

    /// <summary>Gets a connection or the right to open one, waiting in the queue where the cap is reached.</summary>
    /// <param name="fresh">No idle connection will do.</param>
    public ValueTask<PoolTicket> AcquireAsync(bool fresh, CancellationToken cancellationToken)
    {
        Http1Connection? evicted = null;
        PoolWaiter? waiter = null;
        lock (gate)
        {
            if (closed)
                return new(new PoolTicket(null, "the destination is no longer configured"));

            if (idle.Count > 0 && !fresh)
                return new(new PoolTicket(PopIdle(idle.Count - 1), null));

            if (slots < options.Maximum)
            {
                slots++;
                return new(new PoolTicket(null, null));
            }

            if (idle.Count > 0)
            {
                evicted = PopIdle(0);
                Remove(evicted);
            }
            else if (waiting.Count >= options.Queue)
            {
                return new(new PoolTicket(null, "all connections are in use and the queue is full"));
            }

            else
            {
                waiter = new PoolWaiter(fresh);
                waiting.AddLast(waiter.Node);
            }
        }

        if (waiter is not null)
            return WaitAsync(waiter, cancellationToken);

        evicted!.Dispose();
        return new(new PoolTicket(null, null));
    }

    /// <summary>Adds the connection that was opened by right of a ticket.</summary>
    public void Add(Http1Connection connection)
    {
        lock (gate)
        {
            connection.Index = all.Count;
            all.Add(connection);
            if (all.Count == 1)
                sweep.Change(TimeSpan.FromMilliseconds(ConnectionClock.Period), TimeSpan.FromMilliseconds(ConnectionClock.Period));
        }
    }

    /// <summary>Whether an idle connection may carry another exchange: young enough, and silent.</summary>
    public bool IsUsable(Http1Connection connection)
    {
        var now = Clock.Now;
        return now - connection.OpenedAt < options.Lifetime.TotalMilliseconds
            && now - connection.IdleSince < options.IdleTimeout.TotalMilliseconds
            && !connection.HasUnaskedInput();
    }

    /// <summary>Takes a connection back after a complete, clean exchange.</summary>
    public void GiveBack(Http1Connection connection)
    {
        PoolWaiter? next;
        var now = Clock.Now;
        lock (gate)
        {
            if (closed || now - connection.OpenedAt >= options.Lifetime.TotalMilliseconds)
            {
                next = null;
            }
            else
            {
                connection.IdleSince = now;

                // Who needs a fresh one gets the slot of this one.
                if (waiting.First is { Value.Fresh: true })
                {
                    next = null;
                }
                else
                {
                    next = TakeWaiter();
                    if (next is null)
                    {
                        idle.Add(connection);
                        return;
                    }
                }
            }
        }

        if (next is null)
            Discard(connection);
        else
            next.SetResult(new PoolTicket(connection, null));
    }

    /// <summary>Closes a connection that was acquired.</summary>
    public void Discard(Http1Connection connection)
    {
        connection.Dispose();
        PoolWaiter? next;
        lock (gate)
        {
            Remove(connection);
            next = PassSlot();
        }

        next?.SetResult(new PoolTicket(null, null));
    }

    /// <summary>Gives back the right to open a connection, which failed.</summary>
    public void ReleaseSlot()
    {
        PoolWaiter? next;
        lock (gate)
            next = PassSlot();
        next?.SetResult(new PoolTicket(null, null));
    }

    /// <summary>
    /// Closes idle connections, refuses those who wait, and completes when the exchanges under way have ended; those are
    /// not cut. Who can't wait for them need not await it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        List<Http1Connection> unused;
        List<PoolWaiter> refused;
        lock (gate)
        {
            closed = true;
            unused = [.. idle];
            idle.Clear();
            refused = [.. waiting];
            waiting.Clear();
            if (slots == 0)
                drained.TrySetResult();
        }

        foreach (var waiter in refused)
            waiter.SetResult(new PoolTicket(null, "the destination is no longer configured"));
        foreach (var connection in unused)
            Discard(connection);

        await drained.Task;
        await sweep.DisposeAsync();
    }

    private async ValueTask<PoolTicket> WaitAsync(PoolWaiter waiter, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                var (pool, cancelled) = ((ConnectionPool, PoolWaiter))state!;
                pool.Cancel(cancelled);
            },
            (this, waiter));
        return await waiter.Task;
    }

    private void Cancel(PoolWaiter waiter)
    {
        lock (gate)
        {
            // Not in the list: it has been served in this moment, and what it got is used or given back by its request.
            if (waiter.Node.List is null)
                return;
            waiting.Remove(waiter.Node);
        }

        waiter.SetResult(new PoolTicket(null, "no connection came free in time"));
    }

    private void Sweep()
    {
        var now = Clock.Refresh();
        List<Http1Connection>? due = null;
        List<Http1Connection>? ended = null;
        lock (gate)
        {
            if (all.Count == 0)
            {
                sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            foreach (var connection in all)
            {
                if (connection.IsDue(now))
                    (due ??= []).Add(connection);
            }

            var look = ++sweeps % SweepsPerLook == 0;
            for (var i = idle.Count - 1; i >= 0; i--)
            {
                var connection = idle[i];
                if (now - connection.IdleSince < options.IdleTimeout.TotalMilliseconds
                    && now - connection.OpenedAt < options.Lifetime.TotalMilliseconds
                    && !(look && connection.HasUnaskedInput()))
                {
                    continue;
                }

                idle.RemoveAt(i);
                (ended ??= []).Add(connection);
            }
        }

        // Outside the lock: what these wake may come back for it.
        foreach (var connection in due ?? [])
            connection.ExpireAt(now);
        foreach (var connection in ended ?? [])
            Discard(connection);
    }

    private Http1Connection PopIdle(int index)
    {
        var connection = idle[index];
        idle.RemoveAt(index);
        return connection;
    }

    private PoolWaiter? TakeWaiter()
    {
        var first = waiting.First;
        if (first is null)
            return null;

        waiting.RemoveFirst();
        return first.Value;
    }

    // The slot of a connection that is gone goes to the first who waits.
    private PoolWaiter? PassSlot()
    {
        var next = TakeWaiter();
        if (next is null && --slots == 0 && closed)
            drained.TrySetResult();
        return next;
    }

    private void Remove(Http1Connection connection)
    {
        var last = all[^1];
        all[connection.Index] = last;
        last.Index = connection.Index;
        all.RemoveAt(all.Count - 1);
    }
}
