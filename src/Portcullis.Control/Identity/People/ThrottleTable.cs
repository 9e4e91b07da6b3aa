namespace Portcullis.Control.Identity.People;

/// <summary>
/// Buckets of attempts in memory of a fixed size: sets of eight, chosen by a keyed hash that nobody outside can aim with. In a full set the bucket with the fewest
/// failures makes way, so a flood of new addresses pushes out other new addresses and not what holds an attack back. Not safe for concurrent use.
/// </summary>
/// <param name="sets">Sets of buckets: a power of two. 48 octets a bucket.</param>
internal sealed class ThrottleTable(int sets)
{
    private const int Ways = 8;

    private readonly Bucket[] buckets = new Bucket[sets * Ways];

    /// <summary>Milliseconds until an attempt is there; 0 where one is. Changes nothing.</summary>
    public double Wait(UInt128 key, ThrottleRule rule, long now)
    {
        ref var bucket = ref Find(key, now, out var found);
        if (!found) return 0;
        var present = Advance(bucket, rule, now);
        return present.Tokens >= 1 ? 0 : (1 - present.Tokens) * rule.IntervalAfter(present.Failures);
    }

    /// <summary>Takes an attempt, and counts it as failed until it is given back.</summary>
    public void Take(UInt128 key, ThrottleRule rule, long now)
    {
        ref var bucket = ref Find(key, now, out var found);
        if (!found) bucket = new Bucket { Key = key, Tokens = rule.Burst, Updated = now, Forgets = rule.Longest.TotalMilliseconds };
        bucket = Advance(bucket, rule, now);
        bucket.Tokens -= 1;
        bucket.Failures += 1;
    }

    /// <summary>Gives an attempt back that was taken; one that has made way needs nothing.</summary>
    public void Return(UInt128 key, ThrottleRule rule, long now)
    {
        ref var bucket = ref Find(key, now, out var found);
        if (!found) return;
        bucket = Advance(bucket, rule, now);
        bucket.Tokens = Math.Min(rule.Burst, bucket.Tokens + 1);
        bucket.Failures = Math.Max(0, bucket.Failures - 1);
    }

    /// <summary>Forgets all failures of the key.</summary>
    public void Clear(UInt128 key, long now)
    {
        ref var bucket = ref Find(key, now, out var found);
        if (found) bucket = default;
    }

    private static Bucket Advance(Bucket bucket, ThrottleRule rule, long now)
    {
        // A clock that was set back gives nothing and takes nothing.
        var elapsed = Math.Max(0, now - bucket.Updated);
        bucket.Tokens = Math.Min(rule.Burst, bucket.Tokens + (elapsed / rule.IntervalAfter(bucket.Failures)));
        bucket.Failures = bucket.FailuresAt(now);
        bucket.Updated = now;
        return bucket;
    }

    // The bucket of the key, or the one that it takes the place of.
    private ref Bucket Find(UInt128 key, long now, out bool found)
    {
        var first = (int)((ulong)key & (ulong)(sets - 1)) * Ways;
        var (least, fewest) = (first, double.MaxValue);
        for (var i = first; i < first + Ways; i++)
        {
            if (buckets[i].Key == key)
            {
                found = true;
                return ref buckets[i];
            }

            if (buckets[i].FailuresAt(now) is var failures && failures < fewest) (least, fewest) = (i, failures);
        }

        found = false;
        return ref buckets[least];
    }

    private struct Bucket
    {
        public UInt128 Key;
        public double Tokens;
        public double Failures;
        public long Updated;
        public double Forgets;

        public readonly double FailuresAt(long now) => Failures == 0 ? 0 : Math.Max(0, Failures - (Math.Max(0, now - Updated) / Forgets));
    }
}
