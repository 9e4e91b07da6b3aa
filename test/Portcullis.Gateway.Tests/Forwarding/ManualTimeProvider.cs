namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>A clock that moves only when told to; due timers fire within <see cref="Advance"/>, in order of time.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TimeSpan elapsed = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate) return elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

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

    /// <summary>How many timers are armed: a signal that code under test has come to wait.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (gate) return timers.Count;
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
