namespace Portcullis.Testing;

/// <summary>A clock that moves only when told to; due timers fire within <see cref="Advance"/>, in order of time.</summary>
/// <param name="frequency">Timestamps per second.</param>
internal sealed class ManualTimeProvider(long frequency = TimeSpan.TicksPerSecond) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TimeSpan elapsed;

    public override long TimestampFrequency => frequency;

    /// <summary>Seconds since 1970.</summary>
    public long Seconds => GetUtcNow().ToUnixTimeSeconds();

    /// <summary>How many timers are armed: a signal that code under test has come to wait.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (gate) return timers.Count;
        }
    }

    /// <summary>Whether a timer is armed that fires in this time, to the half second: a signal that code under test waits for a certain thing.</summary>
    public bool HasTimer(TimeSpan due)
    {
        lock (gate) return timers.Exists(timer => Math.Abs(timer.Due - elapsed.Ticks - due.Ticks) < TimeSpan.TicksPerSecond / 2);
    }

    // The machine has run for a while, as machines have: a timestamp of 0 is none.
    public override long GetTimestamp()
    {
        lock (gate) return (long)((Int128)(elapsed + TimeSpan.FromDays(10)).Ticks * frequency / TimeSpan.TicksPerSecond);
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return Start + elapsed;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; a negative time moves it back and fires nothing.</summary>
    public void Advance(TimeSpan by)
    {
        long target;
        lock (gate) target = elapsed.Ticks + by.Ticks;
        while (true)
        {
            ManualTimer? due = null;
            lock (gate)
            {
                foreach (var timer in timers)
                {
                    if (timer.Due <= target && (due is null || timer.Due < due.Due)) due = timer;
                }

                if (due is null)
                {
                    elapsed = TimeSpan.FromTicks(target);
                    return;
                }

                if (due.Due > elapsed.Ticks) elapsed = TimeSpan.FromTicks(due.Due);
                due.Next();
            }

            due.Fire();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period;

        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                period = newPeriod;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock.elapsed.Ticks + dueTime.Ticks;
                clock.timers.Add(this);
                return true;
            }
        }

        public void Next()
        {
            if (period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero) clock.timers.Remove(this);
            else Due += period.Ticks;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
