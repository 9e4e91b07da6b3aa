namespace Portcullis.Trust.Sealing;

/// <summary>
/// Opened keys of persons, the most recently used ones. Bounded: at the cap the least recently used goes, zeroed. An entry counts for a while
/// only, after which the store is asked again, so that a key destroyed elsewhere is not used for longer. Safe from any thread.
/// </summary>
internal sealed class SubjectKeyCache(int capacity, TimeSpan maximumAge, TimeProvider clock) : IDisposable
{
    private readonly Dictionary<string, LinkedListNode<Entry>> entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> byUse = new();

    // Counts removals, those of subjects with an equal hash together: what was read before a removal must not come in after it.
    private readonly int[] removals = new int[256];
    private readonly Lock gate = new();
    private bool closed;

    public int Count
    {
        get
        {
            lock (gate)
                return entries.Count;
        }
    }

    /// <summary>Null when there is none, or it has been here too long.</summary>
    public SubjectKey? Find(string subject)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(subject, out var node))
                return null;
            if (IsOld(node.Value))
            {
                Remove(node);
                return null;
            }

            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Key;
        }
    }

    /// <summary>To be taken before the store is read, and handed to <see cref="TryAdd"/>.</summary>
    public int MarkOf(string subject)
    {
        lock (gate)
            return removals[Stripe(subject)];
    }

    /// <summary>Takes over the key, in place of one that is here. False, and the key zeroed, when the subject was removed since the mark.</summary>
    public bool TryAdd(string subject, SubjectKey key, int mark)
    {
        lock (gate)
        {
            if (closed || removals[Stripe(subject)] != mark)
            {
                key.Dispose();
                return false;
            }

            if (entries.TryGetValue(subject, out var former))
                Remove(former);

            // Those that nobody has asked for lately go by and by, two for each that comes.
            for (var i = 0; i < 2 && byUse.Last is { } last && (entries.Count >= capacity || IsOld(last.Value)); i++)
                Remove(last);
            entries[subject] = byUse.AddFirst(new Entry(subject, key, clock.GetTimestamp()));
            return true;
        }
    }

    public void Remove(string subject)
    {
        lock (gate)
        {
            removals[Stripe(subject)]++;
            if (entries.TryGetValue(subject, out var node))
                Remove(node);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            while (byUse.Last is { } last)
                Remove(last);
        }
    }

    private static int Stripe(string subject) => string.GetHashCode(subject, StringComparison.Ordinal) & 255;

    private bool IsOld(Entry entry) => clock.GetElapsedTime(entry.Loaded) >= maximumAge;

    private void Remove(LinkedListNode<Entry> node)
    {
        byUse.Remove(node);
        entries.Remove(node.Value.Subject);
        node.Value.Key.Dispose();
    }

    private sealed record Entry(string Subject, SubjectKey Key, long Loaded);
}
