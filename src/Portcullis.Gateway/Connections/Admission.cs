using System.Net;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Connections;

/// <summary>The places that a connection holds in the counts of its listener, given back once when it ends.</summary>
internal sealed class Admission(ConnectionCounters counters, AddressTable addresses)
{
    private IPAddress? counted;
    private int released;

    /// <summary>Counts the connection under the address, or says that the address has its share.</summary>
    public bool TryCount(IPAddress address, int limit)
    {
        if (!addresses.TryAdd(address, limit)) return false;
        counted = address;
        return true;
    }

    public void Release()
    {
        if (Interlocked.Exchange(ref released, 1) != 0) return;
        if (counted is not null) addresses.Remove(counted);
        counters.Close();
    }
}
