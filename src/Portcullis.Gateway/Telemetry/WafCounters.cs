namespace Portcullis.Gateway.Telemetry;

/// <summary>Counters of the firewall over all routes: by mode and result, never by rule. Updated without locks.</summary>
public sealed class WafCounters
{
    /// <summary>Upper bounds of the buckets of time spent in the rules, in seconds; a last one without bound follows.</summary>
    public static readonly IReadOnlyList<double> DurationBounds = [0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1];

    private static readonly int Results = Enum.GetValues<WafResult>().Length;

    private readonly long[] counts = new long[2 * Results];
    private readonly long[] durations = new long[DurationBounds.Count + 1];
    private long microseconds;
    private long cut;

    /// <summary>Bodies that were not inspected whole.</summary>
    public long Cut => Interlocked.Read(ref cut);

    /// <summary>Time spent in the rules.</summary>
    public long DurationMicroseconds => Interlocked.Read(ref microseconds);

    /// <summary>Requests of a mode and result.</summary>
    public long Count(bool isDetecting, WafResult result) => Interlocked.Read(ref counts[Index(isDetecting, result)]);

    /// <summary>Requests in one bucket (not cumulative); the last index is the one without bound.</summary>
    public long DurationBucket(int index) => Interlocked.Read(ref durations[index]);

    internal void Add(bool isDetecting, WafResult result, TimeSpan duration, bool wasCut)
    {
        Interlocked.Increment(ref counts[Index(isDetecting, result)]);
        if (wasCut) Interlocked.Increment(ref cut);
        Interlocked.Add(ref microseconds, (long)duration.TotalMicroseconds);
        var bucket = 0;
        while (bucket < DurationBounds.Count && duration.TotalSeconds > DurationBounds[bucket]) bucket++;
        Interlocked.Increment(ref durations[bucket]);
    }

    private static int Index(bool isDetecting, WafResult result) => (isDetecting ? Results : 0) + (int)result;
}
