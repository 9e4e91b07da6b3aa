namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Counts over a sliding window of ten buckets, without locks on the way. Where two threads meet at a bucket's turn a few
/// counts may be lost: it steers, it does not account.
/// </summary>
internal sealed class RollingCounts(TimeProvider clock)
{
    private const int Buckets = 10;

    private readonly Lock turning = new();
    private readonly long[] slots = new long[Buckets];
    private readonly int[] totals = new int[Buckets];
    private readonly int[] marks = new int[Buckets];

    /// <summary>Counts one event.</summary>
    /// <param name="now">Timestamp of the clock.</param>
    /// <param name="window">Must be the same in all calls between two <see cref="Clear"/>s.</param>
    /// <param name="isMarked">Whether it belongs to the part of the whole that is watched.</param>
    public void Add(long now, TimeSpan window, bool isMarked)
    {
        var slot = now / BucketLength(window);
        var index = (int)(slot % Buckets);
        if (Volatile.Read(ref slots[index]) != slot)
        {
            lock (turning)
            {
                if (slots[index] != slot)
                {
                    totals[index] = marks[index] = 0;
                    Volatile.Write(ref slots[index], slot);
                }
            }
        }

        Interlocked.Increment(ref totals[index]);
        if (isMarked) Interlocked.Increment(ref marks[index]);
    }

    /// <summary>All events of the window, and the marked ones.</summary>
    public (int Total, int Marked) Sum(long now, TimeSpan window)
    {
        var slot = now / BucketLength(window);
        int total = 0, marked = 0;
        for (var i = 0; i < Buckets; i++)
        {
            var age = slot - Volatile.Read(ref slots[i]);
            if (age is < 0 or >= Buckets) continue;
            total += Volatile.Read(ref totals[i]);
            marked += Volatile.Read(ref marks[i]);
        }

        return (total, marked);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (turning)
        {
            Array.Clear(slots);
            Array.Clear(totals);
            Array.Clear(marks);
        }
    }

    private long BucketLength(TimeSpan window) => Math.Max(1, (long)(window.TotalSeconds * clock.TimestampFrequency / Buckets));
}
