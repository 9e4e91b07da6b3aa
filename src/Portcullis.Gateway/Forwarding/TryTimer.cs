namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// The time-out of one try, up to the response head; also fires when the client goes. It stands still while the gateway waits
/// for the client's body and starts anew with each piece of it, so that a long upload or a client stream is no time-out.
/// Reused from request to request.
/// </summary>
internal sealed class TryTimer(TimeProvider clock) : IDisposable
{
    private readonly Lock gate = new();
    private CancellationTokenSource source = new(Timeout.InfiniteTimeSpan, clock);
    private CancellationTokenRegistration client;
    private TimeSpan limit;
    private bool isRunning;

    public CancellationToken Token => source.Token;

    public void Begin(TimeSpan timeout, CancellationToken aborted)
    {
        lock (gate)
        {
            limit = timeout;
            isRunning = true;
            source.CancelAfter(timeout);
        }

        client = aborted.UnsafeRegister(static state => ((TryTimer)state!).Fire(), this);
    }

    /// <summary>The client is waited for.</summary>
    public void Pause() => Set(Timeout.InfiniteTimeSpan);

    /// <summary>The client has sent something.</summary>
    public void Restart() => Set(limit);

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

    private void Fire() => source.Cancel();

    private void Set(TimeSpan time)
    {
        lock (gate)
        {
            if (isRunning) source.CancelAfter(time);
        }
    }
}
