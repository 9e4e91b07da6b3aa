using System.Collections.Concurrent;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// All granted roles in memory, read by any thread and written by the change feed. What this process itself changed stands in doubt until the feed has told it: then
/// the database is asked, and what was known before stays for those who can't wait.
/// </summary>
internal sealed class RoleTable : IDisposable
{
    // A timer's longest wait is 49 days; looking once a day costs nothing.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<string, Held[]> holders = new(StringComparer.Ordinal);
    private long doubts;
    private long settled = -1;
    private long version;

    public RoleTable(TimeProvider clock)
    {
        this.clock = clock;
        timer = clock.CreateTimer(_ => Ended(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Changes whenever an answer may.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>Completes with the first <see cref="ReplaceAll"/>.</summary>
    public Task Loaded => loaded.Task;

    /// <summary>Whether it holds all that this process knows to be so.</summary>
    public bool IsLoaded => Volatile.Read(ref settled) == Volatile.Read(ref doubts);

    /// <summary>How often this process changed something; to be read before the database is.</summary>
    public long Doubts => Volatile.Read(ref doubts);

    /// <summary>The roles that the holder has now, by name.</summary>
    public IReadOnlyList<string> RolesOf(string subject)
    {
        if (!Volatile.Read(ref holders).TryGetValue(subject, out var held)) return [];
        var now = clock.GetUtcNow();
        return [.. held.Where(role => role.Expires is not { } end || end > now).Select(role => role.Name)];
    }

    /// <summary>This process changed something: the table is behind until it is written by who read the database later.</summary>
    public void Doubt() => Interlocked.Increment(ref doubts);

    /// <summary>What one holder has.</summary>
    public void Replace(string subject, IReadOnlyList<GrantedRole> grants, long seen)
    {
        lock (gate)
        {
            if (grants.Count == 0) holders.TryRemove(subject, out _);
            else holders[subject] = [.. grants.Select(ToHeld)];
            Settle(seen);
        }
    }

    /// <summary>What everybody has.</summary>
    public void ReplaceAll(IReadOnlyList<GrantedRole> grants, long seen)
    {
        var all = grants.GroupBy(grant => grant.Subject, StringComparer.Ordinal).Select(own => KeyValuePair.Create(own.Key, own.Select(ToHeld).ToArray()));
        lock (gate)
        {
            Volatile.Write(ref holders, new(all, StringComparer.Ordinal));
            Settle(seen);
        }

        loaded.TrySetResult();
    }

    public void Dispose() => timer.Dispose();

    private static Held ToHeld(GrantedRole grant) => new(grant.Role, grant.Expires);

    // Roles before the number: whoever sees the new number finds them.
    private void Settle(long seen)
    {
        Volatile.Write(ref settled, seen);
        Interlocked.Increment(ref version);
        Await();
    }

    // A grant has ended: nothing changes in the table, but answers do.
    private void Ended()
    {
        lock (gate)
        {
            Interlocked.Increment(ref version);
            Await();
        }
    }

    private void Await()
    {
        var now = clock.GetUtcNow();
        var next = LongestWait;
        foreach (var (_, held) in holders)
        {
            foreach (var role in held)
            {
                if (role.Expires is { } end && end > now && end - now < next) next = end - now;
            }
        }

        // A millisecond more, for timers count in whole ones.
        timer.Change(next + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Held(string Name, DateTimeOffset? Expires);
}
