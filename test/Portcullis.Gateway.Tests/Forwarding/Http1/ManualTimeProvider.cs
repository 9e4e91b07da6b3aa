namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>A clock that moves when the test says so, and fires its timers on the test's thread.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref ticks);

    public override DateTimeOffset GetUtcNow() => new(new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks + GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (gate)
            timers.Add(timer);
        return timer;
    }

    /// <summary>Whether any timer is waiting.</summary>
    public bool HasTimers
    {
        get
        {
            lock (gate)
                return timers.Exists(t => t.Due != long.MaxValue);
        }
    }

    public void Advance(TimeSpan by)
    {
        var end = GetTimestamp() + by.Ticks;
        while (true)
        {
            ManualTimer? next = null;
            lock (gate)
            {
                foreach (var timer in timers)
                {
                    if (timer.Due <= end && (next is null || timer.Due < next.Due))
                        next = timer;
                }
            }

            if (next is null)
                break;
            Volatile.Write(ref ticks, Math.Max(GetTimestamp(), next.Due));
            next.Fire();
        }

        Volatile.Write(ref ticks, end);
    }

    /// <summary>Moves second by second until <paramref name="task"/> has ended, which it must do while a test has patience.</summary>
    public async Task AdvanceUntilAsync(Task task)
    {
        var patience = System.GetTimestamp();
        while (!task.IsCompleted && System.GetElapsedTime(patience) < TestClient.Patience)
        {
            Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await task.WaitAsync(TestClient.Patience);
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public long Due { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : clock.GetTimestamp() + dueTime.Ticks;
            period = every;
            return true;
        }

        public void Fire()
        {
            Due = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero ? long.MaxValue : Due + period.Ticks;
            callback(state);
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
