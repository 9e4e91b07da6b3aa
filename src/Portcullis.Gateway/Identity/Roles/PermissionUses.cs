using System.Collections.Concurrent;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// Remembers who used which permission on which day. The first use of a day is kept, every further one costs a look-up and allocates nothing. Safe from any
/// thread; <see cref="FlushAsync"/> is for one caller at a time. At the cap a use is not remembered, and its day is marked as one of which not all is known.
/// </summary>
/// <param name="clock">Tells the day.</param>
/// <param name="capacity">Pairs of caller and permission, of one day or not written yet: about 100 octets each.</param>
public sealed class PermissionUses(TimeProvider clock, int capacity = 100_000)
{
    private const int Batch = 1000;

    private readonly ConcurrentDictionary<(string Caller, string Permission), int> days = new();
    private readonly ConcurrentDictionary<PermissionUse, bool> pending = new();
    private readonly ConcurrentDictionary<DateOnly, bool> gaps = new();
    private int kept;
    private int waiting;
    private int prunedDay;
    private long dropped;

    /// <summary>Uses that were not remembered since the start.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>That the caller used the permission now.</summary>
    public void Record(string caller, string permission)
    {
        var today = DayNumber();
        var key = (caller, permission);
        if (days.TryGetValue(key, out var day) && day == today) return;
        Keep(key, today);
    }

    /// <summary>Writes what is new. What could not be written stays and is tried again with the next call; the exception is passed on.</summary>
    public async Task FlushAsync(IPermissionUseStore store, CancellationToken cancellationToken)
    {
        foreach (var gap in gaps.Keys)
        {
            await store.RecordGapAsync(gap, cancellationToken);

            // Once written a mark stands for the whole day, so removing it loses nothing that is lost meanwhile.
            gaps.TryRemove(gap, out _);
        }

        foreach (var batch in pending.Keys.Chunk(Batch))
        {
            await store.RecordAsync(batch, cancellationToken);
            foreach (var use in batch)
            {
                if (pending.TryRemove(use, out _)) Interlocked.Decrement(ref waiting);
            }
        }

        Prune(DayNumber());
    }

    private void Keep((string Caller, string Permission) key, int today)
    {
        if (Volatile.Read(ref waiting) >= capacity || (Volatile.Read(ref kept) >= capacity && !days.ContainsKey(key)))
        {
            Interlocked.Increment(ref dropped);
            gaps.TryAdd(DateOnly.FromDayNumber(today), true);
            return;
        }

        // First what is to be written, then that it is known: a use counts as known only when it can't be lost any more.
        if (pending.TryAdd(new(key.Caller, key.Permission, DateOnly.FromDayNumber(today)), true)) Interlocked.Increment(ref waiting);
        if (days.TryAdd(key, today)) Interlocked.Increment(ref kept);
        else days[key] = today;
    }

    // Yesterday's pairs make room once a day.
    private void Prune(int today)
    {
        if (prunedDay == today) return;
        foreach (var (key, day) in days)
        {
            if (day < today && days.TryRemove(new(key, day))) Interlocked.Decrement(ref kept);
        }

        prunedDay = today;
    }

    private int DayNumber() => (int)(clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay);
}
