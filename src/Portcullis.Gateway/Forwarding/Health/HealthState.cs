using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>
/// Whether a destination is taken for healthy, by active checks and by what real requests met, and how much of its share it
/// gets while it comes back. Thread safe; a destination in good health costs one read of a flag.
/// </summary>
internal sealed class HealthState(TimeProvider clock)
{
    /// <summary>The share a destination starts with when it comes back: enough to warm it, too little to hurt.</summary>
    public const double SmallestShare = 0.1;

    private readonly Lock transition = new();
    private volatile bool needsAttention;
    private bool isCheckedUnhealthy;
    private int checksInRow;
    private bool lastCheckPassed = true;
    private int failuresInRow;
    private long pausedUntil;
    private long rampFrom;
    private long rampLength;

    /// <summary>False: healthy, with its full share.</summary>
    public bool NeedsAttention => needsAttention;

    public bool IsHealthy(long now)
    {
        if (!needsAttention) return true;
        lock (transition) return IsHealthyLocked(now);
    }

    /// <summary>The part of its weight it gets, <see cref="SmallestShare"/> to 1, growing with time since it came back.</summary>
    public double Share(long now)
    {
        if (!needsAttention) return 1;
        lock (transition)
        {
            // A pause that ran out is where the slow start begins.
            if (pausedUntil != 0 && now >= pausedUntil)
            {
                if (!isCheckedUnhealthy) rampFrom = pausedUntil;
                pausedUntil = 0;
            }

            var share = rampFrom == 0 || rampLength == 0 ? 1 : Math.Clamp((double)(now - rampFrom) / rampLength, SmallestShare, 1);
            if (share >= 1)
            {
                rampFrom = 0;
                needsAttention = isCheckedUnhealthy || pausedUntil != 0;
            }

            return share;
        }
    }

    /// <summary>Begins a slow start now: for a destination that joins a cluster at work.</summary>
    public void Ramp(long now, HealthOptions options)
    {
        lock (transition) BeginRamp(now, options);
    }

    /// <summary>Takes the result of an active check. Returns the new state when it changed.</summary>
    public bool? ReportCheck(bool passed, long now, HealthOptions options)
    {
        lock (transition)
        {
            checksInRow = passed == lastCheckPassed ? checksInRow + 1 : 1;
            lastCheckPassed = passed;
            if (passed && isCheckedUnhealthy && checksInRow >= options.HealthyAfter)
            {
                isCheckedUnhealthy = false;
                BeginRamp(now, options);
                return true;
            }

            if (passed || isCheckedUnhealthy || checksInRow < options.UnhealthyAfter) return null;
            isCheckedUnhealthy = true;
            needsAttention = true;
            return false;
        }
    }

    /// <summary>Active checks have been turned off: their last word no longer counts.</summary>
    public void ForgetChecks(long now, HealthOptions options)
    {
        lock (transition)
        {
            if (isCheckedUnhealthy) BeginRamp(now, options);
            isCheckedUnhealthy = false;
            lastCheckPassed = true;
            checksInRow = 0;
        }
    }

    /// <summary>Takes the outcome of a real request. Returns false when it made the destination unhealthy.</summary>
    public bool? ReportRequest(TryOutcome outcome, long now, HealthOptions options)
    {
        if (outcome == TryOutcome.Unknown || !options.Passive) return null;
        if (outcome == TryOutcome.Success)
        {
            if (Volatile.Read(ref failuresInRow) != 0) Volatile.Write(ref failuresInRow, 0);
            return null;
        }

        if (Interlocked.Increment(ref failuresInRow) < options.PassiveFailures) return null;
        lock (transition)
        {
            var wasHealthy = IsHealthyLocked(now);
            Volatile.Write(ref failuresInRow, 0);
            pausedUntil = now + Ticks(options.PassivePause);
            rampLength = Ticks(options.SlowStart);
            needsAttention = true;
            return wasHealthy ? false : null;
        }
    }

    private bool IsHealthyLocked(long now) => !isCheckedUnhealthy && (pausedUntil == 0 || now >= pausedUntil);

    private void BeginRamp(long now, HealthOptions options)
    {
        rampLength = Ticks(options.SlowStart);
        rampFrom = now;
        needsAttention = true;
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);
}
