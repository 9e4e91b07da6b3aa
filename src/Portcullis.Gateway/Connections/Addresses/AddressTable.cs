using System.Collections.Concurrent;
using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Addresses;

/// <summary>
/// Open connections by client address: an IPv4 address, or an IPv6 /64, which is what one subscriber can draw addresses from.
/// Thread safe.
/// </summary>
/// <remarks>An entry stands only while it counts an open connection, so the listener's connection limit is also the cap of this table.</remarks>
internal sealed class AddressTable
{
    private readonly ConcurrentDictionary<Key, int> open = new();

    /// <summary>Addresses with an open connection.</summary>
    public int Count => open.Count;

    /// <summary>Counts one more connection of the address unless it has <paramref name="limit"/> already.</summary>
    public bool TryAdd(IPAddress address, int limit)
    {
        var key = Key.Of(address);
        while (true)
        {
            if (!open.TryGetValue(key, out var count))
            {
                if (limit < 1) return false;
                if (open.TryAdd(key, 1)) return true;
            }
            else if (count >= limit)
            {
                return false;
            }
            else if (open.TryUpdate(key, count + 1, count))
            {
                return true;
            }
        }
    }

    /// <summary>Takes back what <see cref="TryAdd"/> counted.</summary>
    public void Remove(IPAddress address)
    {
        var key = Key.Of(address);
        while (open.TryGetValue(key, out var count))
        {
            if (count > 1 ? open.TryUpdate(key, count - 1, count) : open.TryRemove(new KeyValuePair<Key, int>(key, count))) return;
        }
    }

    private readonly record struct Key(ulong High, ulong Low)
    {
        public static Key Of(IPAddress address)
        {
            var number = Cidr.ToNumber(address, out var isV4);

            // An IPv4 number fills the low half only, and no IPv6 network starts with 64 zero bits and stores a low half here.
            return isV4 ? new Key(0, (ulong)number | (1UL << 32)) : new Key((ulong)(number >> 64), 0);
        }
    }
}
