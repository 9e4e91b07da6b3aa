namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// The time-out of one try, up to the response head; also fires when the client goes. While the gateway waits for the client's
/// body, the client's own time runs instead, and the try's starts anew with each piece of it, so that a long upload or a client
/// stream is no time-out of the upstream. Reused from request to request.
/// </summary>
internal sealed class TryTimer(TimeProvider clock) : IDisposable
{
    private readonly Lock gate = new();
    private CancellationTokenSource source = new(Timeout.InfiniteTimeSpan, clock);
    private CancellationTokenRegistration client;
    private TimeSpan limit;
    private bool isRunning;
    private bool awaitsClient;
    private bool isClientGone;

    public CancellationToken Token => source.Token;

    public void Begin(TimeSpan timeout, CancellationToken aborted)
    {
        lock (gate)
        {
            limit = timeout;
            isRunning = true;
            awaitsClient = isClientGone = false;
            source.CancelAfter(timeout);
        }

        client = aborted.UnsafeRegister(static state => ((TryTimer)state!).Fire(), this);
    }

    /// <summary>The client is waited for, at most this long.</summary>
    public void AwaitClient(TimeSpan patience)
    {
        lock (gate)
        {
            if (!isRunning || source.IsCancellationRequested) return;
            awaitsClient = true;
            source.CancelAfter(patience);
        }
    }

    /// <summary>The wait for the client is over, because it has sent something or for another reason.</summary>
    /// <returns>Whether the client's time ran out.</returns>
    public bool Resume()
    {
        lock (gate)
        {
            if (!awaitsClient) return false;
            awaitsClient = false;
            if (source.IsCancellationRequested) return !isClientGone;
            if (isRunning) source.CancelAfter(limit);
            return false;
        }
    }

    /// <summary>The head has arrived or the try has failed: from here on nothing fires.</summary>
    public void End()
    {
        lock (gate)
        {
            isRunning = false;
            source.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        client.Dispose();
        client = default;
    }

    /// <summary>Makes it usable again; nothing may hold the old token any more.</summary>
    public void Reset()
    {
        if (source.TryReset()) return;
        source.Dispose();
        source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    public void Dispose()
    {
        client.Dispose();
        source.Dispose();
    }

    private void Fire()
    {
        lock (gate) isClientGone = !source.IsCancellationRequested;
        source.Cancel();
    }
}
