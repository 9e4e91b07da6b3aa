using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>
/// Keeps requests from a destination that fails most of them. Closed, it counts; open, it lets none through; after
/// <see cref="CircuitBreakerOptions.OpenFor"/> it lets one probe through at a time, whose success closes it.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider clock)
{
    private readonly Lock transition = new();
    private readonly RollingCounts counts = new(clock);
    private int state;
    private long openUntil;
    private int probing;
    private TimeSpan window;

    /// <summary>The state at this time.</summary>
    public CircuitState StateAt(long now)
    {
        var current = (CircuitState)Volatile.Read(ref state);
        return current == CircuitState.Open && now >= Volatile.Read(ref openUntil) ? CircuitState.HalfOpen : current;
    }

    /// <summary>Whether a request might pass; changes nothing.</summary>
    public bool MayTry(long now)
        => Volatile.Read(ref state) == (int)CircuitState.Closed || (now >= Volatile.Read(ref openUntil) && Volatile.Read(ref probing) == 0);

    /// <summary>Lets a request pass; its outcome must be given to <see cref="Report"/>.</summary>
    public bool TryEnter(long now)
    {
        if (Volatile.Read(ref state) == (int)CircuitState.Closed) return true;
        if (now < Volatile.Read(ref openUntil) || Interlocked.CompareExchange(ref probing, 1, 0) != 0) return false;
        lock (transition)
        {
            if (state == (int)CircuitState.Open) state = (int)CircuitState.HalfOpen;
        }

        return true;
    }

    /// <summary>Takes the outcome of a request that was let through.</summary>
    /// <returns>The state entered by it, or null when it stayed the same.</returns>
    public CircuitState? Report(TryOutcome outcome, long now, CircuitBreakerOptions options)
    {
        if (Volatile.Read(ref state) != (int)CircuitState.Closed) return ReportProbe(outcome, now, options);
        if (outcome == TryOutcome.Unknown || options.FailureRatio >= 1) return null;

        if (window != options.Window)
        {
            counts.Clear();
            window = options.Window;
        }

        var failed = outcome == TryOutcome.Failure;
        counts.Add(now, window, failed);
        if (!failed) return null;

        var (total, failures) = counts.Sum(now, window);
        if (total < options.MinimumRequests || failures < total * options.FailureRatio) return null;
        lock (transition)
        {
            if (state != (int)CircuitState.Closed) return null;
            Open(now, options);
            return CircuitState.Open;
        }
    }

    private CircuitState? ReportProbe(TryOutcome outcome, long now, CircuitBreakerOptions options)
    {
        lock (transition)
        {
            // Open, reports are late ones of requests from before. Half-open, they are the probe's, or as good as it.
            if (state != (int)CircuitState.HalfOpen) return null;
            Volatile.Write(ref probing, 0);
            switch (outcome)
            {
                case TryOutcome.Unknown:
                    return null;
                case TryOutcome.Failure:
                    Open(now, options);
                    return CircuitState.Open;
                default:
                    counts.Clear();
                    Volatile.Write(ref state, (int)CircuitState.Closed);
                    return CircuitState.Closed;
            }
        }
    }

    private void Open(long now, CircuitBreakerOptions options)
    {
        Volatile.Write(ref openUntil, now + (long)(options.OpenFor.TotalSeconds * clock.TimestampFrequency));
        Volatile.Write(ref probing, 0);
        Volatile.Write(ref state, (int)CircuitState.Open);
    }
}
