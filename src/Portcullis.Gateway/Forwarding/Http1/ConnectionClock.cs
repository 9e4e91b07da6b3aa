namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// A clock in milliseconds that only moves when it is swept, so that reading it costs nothing; behind the true time by at
/// most one period. Thread safe.
/// </summary>
internal sealed class ConnectionClock(TimeProvider source)
{
    /// <summary>Time between two sweeps in milliseconds; the precision of all time-outs of a transport.</summary>
    public const int Period = 250;

    private readonly long origin = source.GetTimestamp();
    private long now = 1;

    /// <summary>Milliseconds since some moment; never 0.</summary>
    public long Now => Volatile.Read(ref now);

    public TimeProvider Source => source;

    public long Refresh()
    {
        var fresh = (long)source.GetElapsedTime(origin).TotalMilliseconds + 1;
        Volatile.Write(ref now, fresh);
        return fresh;
    }

    /// <summary>The moment before which <paramref name="timeout"/> has surely not passed; never 0.</summary>
    public long After(TimeSpan timeout) => Now + (long)Math.Min(timeout.TotalMilliseconds, int.MaxValue) + Period;
}
