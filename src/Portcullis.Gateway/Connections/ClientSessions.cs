using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections;

/// <summary>The connections of one listener: their time-outs and their end. Thread safe.</summary>
internal abstract class ClientSessions : IAsyncDisposable
{
    private readonly Func<ListenerLimits> limits;
    private readonly Lock gate = new();
    private readonly List<ClientSession> all = []; // at most the listener's limit of connections
    private readonly ITimer sweep;
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isSweeping;
    private volatile bool isStopping;

    /// <param name="limits">The listener's limits of now.</param>
    /// <param name="services">What listeners need from the process.</param>
    /// <param name="logger">The listener's.</param>
    protected ClientSessions(Func<ListenerLimits> limits, ListenerServices services, ILogger logger)
    {
        this.limits = limits;
        Logger = logger;
        Refusals = services.Refusals;
        Clock = new ConnectionClock(services.Time);
        Date = new DateField(services.Time);
        sweep = services.Time.CreateTimer(static state => ((ClientSessions)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ConnectionClock Clock { get; }

    public DateField Date { get; }

    public ILogger Logger { get; }

    public IRefusals Refusals { get; }

    public ListenerLimits Limits => limits();

    /// <summary>Whether each connection ends with the response that is under way.</summary>
    public bool IsStopping => isStopping;

    /// <summary>Serves a connection to its end. Never throws.</summary>
    public Task ServeAsync(ClientSession session, ReadOnlyMemory<byte> early)
    {
        lock (gate)
        {
            if (drained.Task.IsCompleted)
            {
                // Nobody looks after it any more.
                session.Dispose();
                return Task.CompletedTask;
            }

            session.Index = all.Count;
            all.Add(session);
            if (!isSweeping)
            {
                isSweeping = true;
                Clock.Refresh();
                sweep.Change(TimeSpan.FromMilliseconds(ConnectionClock.Period), TimeSpan.FromMilliseconds(ConnectionClock.Period));
            }
        }

        return session.RunAsync(early);
    }

    /// <summary>Ends idle connections, lets responses under way end with theirs, and aborts what is left when <paramref name="limit"/> fires.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        isStopping = true;
        foreach (var session in Snapshot()) session.BeginStop();

        lock (gate)
        {
            if (all.Count == 0) drained.TrySetResult();
        }

        await using (limit.UnsafeRegister(static state => ((ClientSessions)state!).AbortAll(), this)) await drained.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await sweep.DisposeAsync();
    }

    public void Remove(ClientSession session)
    {
        lock (gate)
        {
            var last = all[^1];
            all[session.Index] = last;
            last.Index = session.Index;
            all.RemoveAt(all.Count - 1);
            if (all.Count == 0 && isStopping) drained.TrySetResult();
        }
    }

    /// <summary>What holds the requests of a connection, one after the other.</summary>
    public abstract Http1Request CreateRequest(Http1Session session);

    /// <summary>What holds the request of a stream.</summary>
    public abstract Http2Stream CreateStream(Http2Session session);

    private void AbortAll()
    {
        foreach (var session in Snapshot()) session.Abort();
    }

    private ClientSession[] Snapshot()
    {
        lock (gate) return [.. all];
    }

    private void Sweep()
    {
        var now = Clock.Refresh();
        lock (gate)
        {
            // What a look leads to goes on elsewhere, so none comes back for the lock.
            foreach (var session in all) session.Look(now);
            if (all.Count > 0) return;
            isSweeping = false;
            sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
