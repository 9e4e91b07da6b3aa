namespace Portcullis.Gateway.Tests.Policies;

/// <summary>A clock that stands still until a test moves it. Timers are not supported: what uses them takes the real clock.</summary>
internal sealed class ManualTimeProvider(long frequency = TimeSpan.TicksPerSecond) : TimeProvider
{
    private long timestamp = 1_000_000 * frequency;

    public override long TimestampFrequency => frequency;

    public override long GetTimestamp() => Volatile.Read(ref timestamp);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks((long)((Int128)GetTimestamp() * TimeSpan.TicksPerSecond / frequency));

    /// <summary>Moves the clock; a negative time moves it back.</summary>
    public void Advance(TimeSpan time) => Interlocked.Add(ref timestamp, (long)((Int128)time.Ticks * frequency / TimeSpan.TicksPerSecond));
}
