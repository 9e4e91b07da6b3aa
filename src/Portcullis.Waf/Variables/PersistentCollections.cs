namespace Portcullis.Waf.Variables;

/// <summary>
/// What rules remember from one transaction to the next (<c>initcol</c>: IP, GLOBAL, SESSION, USER, RESOURCE). Held in memory, bounded, lost at a restart; it
/// outlives a reload of the rules. Safe for concurrent use.
/// </summary>
public sealed class PersistentCollections(TimeProvider clock)
{
    /// <summary>At this many records the one opened longest ago makes room.</summary>
    public const int Capacity = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<CollectionRecord>> records = new(StringComparer.Ordinal);
    private readonly LinkedList<CollectionRecord> byAge = new();

    /// <summary>The number of records held.</summary>
    public int Count
    {
        get
        {
            lock (gate) return records.Count;
        }
    }

    /// <summary>The record of a key in a collection; made where there is none, or where the old one has not been written for <paramref name="timeout"/>.</summary>
    internal CollectionRecord Open(string collection, string key, TimeSpan timeout)
    {
        var name = $"{collection}\0{key}";
        lock (gate)
        {
            if (records.TryGetValue(name, out var node))
            {
                byAge.Remove(node);
                if (clock.GetElapsedTime(node.Value.LastWritten) < timeout)
                {
                    byAge.AddLast(node);
                    return node.Value;
                }

                records.Remove(name);
            }
            else if (records.Count >= Capacity)
            {
                records.Remove(byAge.First!.Value.Name);
                byAge.RemoveFirst();
            }

            var made = new CollectionRecord(name, clock);
            records.Add(name, byAge.AddLast(made));
            return made;
        }
    }
}
