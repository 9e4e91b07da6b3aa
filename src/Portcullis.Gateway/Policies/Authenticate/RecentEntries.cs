using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// A bounded memory: two generations of at most <paramref name="maximumWeight"/> octets each. When the younger is full it becomes the older, and the older is
/// forgotten; what is in use moves to the younger. Thread safe.
/// </summary>
internal sealed class RecentEntries<TKey, TValue>(long maximumWeight)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock gate = new();
    private ConcurrentDictionary<TKey, (TValue Value, long Weight)> young = new();
    private ConcurrentDictionary<TKey, (TValue Value, long Weight)> old = new();
    private long weight;

    /// <summary>How many are remembered.</summary>
    public int Count => Volatile.Read(ref young).Count + Volatile.Read(ref old).Count;

    public bool TryFind(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        if (Volatile.Read(ref young).TryGetValue(key, out var entry))
        {
            value = entry.Value;
            return true;
        }

        value = null;
        if (!Volatile.Read(ref old).TryGetValue(key, out entry)) return false;
        value = entry.Value;
        Remember(key, value, entry.Weight);
        return true;
    }

    /// <summary>Adds it, or replaces what was known under the key.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">What to remember.</param>
    /// <param name="octets">About how much memory it takes.</param>
    public void Remember(TKey key, TValue value, long octets)
    {
        lock (gate)
        {
            if (weight + octets > maximumWeight)
            {
                Volatile.Write(ref old, young);
                Volatile.Write(ref young, new());
                weight = 0;
            }

            if (young.TryGetValue(key, out var former)) weight -= former.Weight;
            young[key] = (value, octets);
            weight += octets;
        }
    }
}
