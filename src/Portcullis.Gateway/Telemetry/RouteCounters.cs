using System.Collections.Concurrent;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// The counters of one route, updated without locks by every request and read by scrapes. They live as long as the process.
/// </summary>
public sealed class RouteCounters(string route)
{
    /// <summary>Upper bounds of the duration buckets, in seconds; a last one without bound follows.</summary>
    public static readonly IReadOnlyList<double> DurationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] statusClasses = new long[6];
    private readonly long[] durations = new long[DurationBounds.Count + 1];
    private readonly ConcurrentDictionary<(string Code, ForwardSide Source), StrongBox> refusals = new();
    private long durationMicroseconds;
    private long upstreamMicroseconds;
    private long responseBytes;
    private long shadowed;

    public string Route => route;

    public long DurationMicroseconds => Interlocked.Read(ref durationMicroseconds);

    public long UpstreamMicroseconds => Interlocked.Read(ref upstreamMicroseconds);

    public long ResponseBytes => Interlocked.Read(ref responseBytes);

    /// <summary>Requests that a policy in shadow mode would have refused.</summary>
    public long Shadowed => Interlocked.Read(ref shadowed);

    /// <summary>Refusals and failures by public code and side to blame; both are fixed sets.</summary>
    public IEnumerable<(string Code, ForwardSide Source, long Count)> Refusals
        => refusals.Select(entry => (entry.Key.Code, entry.Key.Source, Interlocked.Read(ref entry.Value.Count)));

    /// <summary>Responses of a status class, 1 (1xx) to 5 (5xx).</summary>
    public long Responses(int statusClass) => Interlocked.Read(ref statusClasses[statusClass]);

    /// <summary>Requests in one duration bucket (not cumulative); the last index is the one without bound.</summary>
    public long DurationBucket(int index) => Interlocked.Read(ref durations[index]);

    internal void Complete(int status, TimeSpan duration, TimeSpan upstream, long bytes, RefusalCode? code, bool wasShadowed)
    {
        Interlocked.Increment(ref statusClasses[Math.Clamp(status / 100, 1, 5)]);
        Interlocked.Increment(ref durations[Bucket(duration.TotalSeconds)]);
        Interlocked.Add(ref durationMicroseconds, (long)duration.TotalMicroseconds);
        Interlocked.Add(ref upstreamMicroseconds, (long)upstream.TotalMicroseconds);
        if (bytes > 0) Interlocked.Add(ref responseBytes, bytes);
        if (wasShadowed) Interlocked.Increment(ref shadowed);
        if (code is not null) Interlocked.Increment(ref refusals.GetOrAdd((code.Code, code.Source), static _ => new StrongBox()).Count);
    }

    private static int Bucket(double seconds)
    {
        var index = 0;
        while (index < DurationBounds.Count && seconds > DurationBounds[index]) index++;
        return index;
    }

    private sealed class StrongBox
    {
        public long Count;
    }
}
