using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>
/// Keeps requests from a destination that gives them no answer. Closed, it counts; open, it lets none through; after
/// <see cref="CircuitBreakerOptions.OpenFor"/> it lets one probe through at a time, whose success closes it.
/// </summary>
/// <remarks>
/// What entered with a ticket was let through on trial, and only that says anything while the circuit is not closed: requests from
/// before, which may be downloads of an hour, must neither close nor keep open what they know nothing of.
/// </remarks>
internal sealed class CircuitBreaker(TimeProvider clock)
{
    /// <summary>The ticket of a request that passed a closed circuit.</summary>
    public const long NoTicket = 0;

    /// <summary>The ticket of a request that was let through an open circuit.</summary>
    private const long LastResort = -1;

    private readonly Lock transition = new();
    private readonly RollingCounts counts = new(clock);
    private int state;
    private long openUntil;
    private long probing; // ticket of the probe under way
    private long tickets;
    private TimeSpan window;

    /// <summary>The state at this time.</summary>
    public CircuitState StateAt(long now)
    {
        var current = (CircuitState)Volatile.Read(ref state);
        return current == CircuitState.Open && now >= Volatile.Read(ref openUntil) ? CircuitState.HalfOpen : current;
    }

    /// <summary>Whether a request might pass; changes nothing.</summary>
    public bool MayTry(long now)
        => Volatile.Read(ref state) == (int)CircuitState.Closed || (now >= Volatile.Read(ref openUntil) && Volatile.Read(ref probing) == NoTicket);

    /// <summary>Lets a request pass; its outcome must be given to <see cref="Report"/> with the ticket.</summary>
    public bool TryEnter(long now, out long ticket)
    {
        ticket = NoTicket;
        if (Volatile.Read(ref state) == (int)CircuitState.Closed) return true;
        if (now < Volatile.Read(ref openUntil)) return false;
        lock (transition)
        {
            if (state == (int)CircuitState.Closed) return true;
            if (probing != NoTicket || now < openUntil) return false;
            Volatile.Write(ref probing, ticket = ++tickets);
            Volatile.Write(ref state, (int)CircuitState.HalfOpen);
            return true;
        }
    }

    /// <summary>Lets a request pass an open circuit, for want of anywhere else. Its success closes the circuit; its failure is none.</summary>
    public long Force() => Volatile.Read(ref state) == (int)CircuitState.Closed ? NoTicket : LastResort;

    /// <summary>Takes the outcome of a request that was let through.</summary>
    /// <returns>The state entered by it, or null when it stayed the same.</returns>
    public CircuitState? Report(TryOutcome outcome, long now, CircuitBreakerOptions options, long ticket = NoTicket)
    {
        if (Volatile.Read(ref state) != (int)CircuitState.Closed) return ReportTrial(outcome, now, options, ticket);
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

    private CircuitState? ReportTrial(TryOutcome outcome, long now, CircuitBreakerOptions options, long ticket)
    {
        if (ticket == NoTicket) return null;
        lock (transition)
        {
            var isProbe = ticket == probing;
            if (state == (int)CircuitState.Closed || (!isProbe && ticket != LastResort)) return null;
            if (isProbe) Volatile.Write(ref probing, NoTicket);
            switch (outcome)
            {
                case TryOutcome.Unknown or TryOutcome.Failure when !isProbe:
                case TryOutcome.Unknown:
                    return null;
                case TryOutcome.Failure:
                    Open(now, options);
                    return CircuitState.Open;
                default:
                    counts.Clear();
                    Volatile.Write(ref probing, NoTicket);
                    Volatile.Write(ref state, (int)CircuitState.Closed);
                    return CircuitState.Closed;
            }
        }
    }

    private void Open(long now, CircuitBreakerOptions options)
    {
        Volatile.Write(ref openUntil, now + (long)(options.OpenFor.TotalSeconds * clock.TimestampFrequency));
        Volatile.Write(ref probing, NoTicket);
        Volatile.Write(ref state, (int)CircuitState.Open);
    }
}
