using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Events;

namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>
/// The revocations that count now, in memory. A token in use is looked up again only after the list has grown: else asking costs one read of a
/// number. Safe from any thread.
/// </summary>
/// <remarks>
/// Bounded by the lifetime of tokens, and by caps at which it fails closed: beyond <paramref name="maximumPerClient"/> single tokens of one client all
/// its tokens of before end, and beyond <paramref name="maximum"/> entries everybody's do; who has a refresh token or a secret gets a new one.
/// </remarks>
public sealed class RevocationList(TimeProvider clock, ISecurityEvents? events = null, int maximum = RevocationList.Maximum, int maximumPerClient = RevocationList.MaximumPerClient)
{
    /// <summary>Most entries; about 100 octets each.</summary>
    public const int Maximum = 500_000;

    /// <summary>Most single tokens of one client.</summary>
    public const int MaximumPerClient = 20_000;

    /// <summary>How long a request waits at start.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private const int FirstSweep = 1024;

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<UInt128, Entry> entries = new();
    private readonly Dictionary<UInt128, int> perClient = [];
    private int count;
    private int sweepAt = FirstSweep;
    private long everybodyBefore = long.MinValue;
    private long version;

    /// <summary>How many are kept.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Completes when what the store holds has been read. Faults never.</summary>
    internal Task Loaded { get; set; } = Task.CompletedTask;

    /// <summary>Changes whenever a token may have become revoked.</summary>
    internal long Version => Volatile.Read(ref version);

    /// <summary>Waits until what the store holds is known: nothing is said of any token before. Throws after <see cref="LoadTimeout"/>.</summary>
    internal ValueTask LoadAsync(CancellationToken cancellationToken) => Loaded.IsCompleted ? default : new(Loaded.WaitAsync(LoadTimeout, clock, cancellationToken));

    /// <summary>In effect for every request from now on.</summary>
    public void Add(Revocation revocation)
    {
        var mark = RevocationMarks.Mark(revocation.Kind, revocation.Issuer, revocation.Id);
        if (mark == UInt128.Zero || revocation.Kind is < RevocationKind.Token or > RevocationKind.Client) throw new ArgumentException("names nothing to revoke", nameof(revocation));

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var until = revocation.Until.ToUnixTimeSeconds();
        if (until <= now) return;

        var at = revocation.At.ToUnixTimeSeconds();
        var client = revocation.Kind == RevocationKind.Token ? RevocationMarks.Mark(RevocationKind.Client, revocation.Issuer, revocation.ClientId) : UInt128.Zero;
        lock (gate)
        {
            if (count >= sweepAt) Sweep(now);
            Put(mark, new Entry(revocation.Kind is RevocationKind.Subject or RevocationKind.Client ? at : long.MaxValue, until, client));
            if (client != UInt128.Zero && perClient.GetValueOrDefault(client) > maximumPerClient) Collapse(client, revocation, at);
            if (count > maximum) CollapseAll(at);

            // After the entry: whoever sees the new number finds it.
            Interlocked.Increment(ref version);
        }
    }

    /// <summary>Whether the token with these marks has been revoked. No allocation.</summary>
    internal bool Contains(in RevocationMarks marks)
        => marks.IssuedAt <= Volatile.Read(ref everybodyBefore)
            || (!entries.IsEmpty
                && (Has(marks.Token, marks.IssuedAt) || Has(marks.Grant, marks.IssuedAt) || Has(marks.Session, marks.IssuedAt)
                    || Has(marks.Subject, marks.IssuedAt) || Has(marks.Client, marks.IssuedAt)));

    private bool Has(UInt128 mark, long issuedAt) => mark != UInt128.Zero && entries.TryGetValue(mark, out var entry) && issuedAt <= entry.Before;

    private void Put(UInt128 mark, Entry entry)
    {
        if (entries.TryGetValue(mark, out var known))
        {
            entries[mark] = known with { Before = Math.Max(known.Before, entry.Before), Until = Math.Max(known.Until, entry.Until) };
            return;
        }

        entries[mark] = entry;
        Volatile.Write(ref count, count + 1);
        if (entry.Client != UInt128.Zero) perClient[entry.Client] = perClient.GetValueOrDefault(entry.Client) + 1;
    }

    private void Remove(UInt128 mark, Entry entry)
    {
        if (!entries.TryRemove(mark, out _)) return;
        Volatile.Write(ref count, count - 1);
        if (entry.Client == UInt128.Zero) return;
        if (perClient[entry.Client] == 1) perClient.Remove(entry.Client);
        else perClient[entry.Client]--;
    }

    private void Sweep(long now)
    {
        foreach (var (mark, entry) in entries)
        {
            if (entry.Until <= now) Remove(mark, entry);
        }

        sweepAt = Math.Max(FirstSweep, 2 * count);
    }

    /// <summary>The cut-off is in before the single entries go, so that no token is let through between.</summary>
    private void Collapse(UInt128 client, Revocation revocation, long at)
    {
        Put(client, new Entry(at, (revocation.At + Revocation.Longest).ToUnixTimeSeconds(), UInt128.Zero));
        foreach (var (mark, entry) in entries)
        {
            if (entry.Client == client) Remove(mark, entry);
        }

        events?.Raise(new SecurityEvent(SecurityEventKind.RevocationsCollapsed) { ClientId = revocation.ClientId });
    }

    private void CollapseAll(long at)
    {
        Volatile.Write(ref everybodyBefore, Math.Max(everybodyBefore, at));

        // What ends later tokens, too, stays: there are few of those, unless this is an attack, and then all goes.
        foreach (var (mark, entry) in entries)
        {
            if (entry.Client != UInt128.Zero || entry.Before != long.MaxValue) Remove(mark, entry);
        }

        if (count > maximum / 2)
        {
            entries.Clear();
            perClient.Clear();
            Volatile.Write(ref count, 0);
        }

        events?.Raise(new SecurityEvent(SecurityEventKind.RevocationsCollapsed));
    }

    /// <param name="Before">Tokens issued up to this second have ended; the maximum where it is one token, grant or session.</param>
    /// <param name="Until">From which second on the entry may go.</param>
    /// <param name="Client">Whose single token it is; zero for everything else.</param>
    private readonly record struct Entry(long Before, long Until, UInt128 Client);
}
