using System.Net;
using System.Net.Sockets;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>The order in which a name's addresses are tried (RFC 8305 §4).</summary>
internal static class AddressOrder
{
    /// <summary>More addresses than this are left out: behind eight dead ones a ninth will not save the request.</summary>
    public const int Most = 8;

    /// <summary>
    /// Alternates the families, beginning with the resolver's first choice, so that a broken family costs one attempt.
    /// Within a family the list is turned by <paramref name="turn"/>, which spreads connections over all addresses of a name.
    /// </summary>
    public static List<IPAddress> Arrange(List<IPAddress> addresses, int turn)
    {
        var first = addresses[0].AddressFamily;
        var preferred = Turned(addresses.FindAll(address => address.AddressFamily == first), turn);
        var other = Turned(addresses.FindAll(address => address.AddressFamily != first), turn);
        var arranged = new List<IPAddress>(Math.Min(addresses.Count, Most));
        for (var i = 0; arranged.Count < Most && (i < preferred.Count || i < other.Count); i++)
        {
            if (i < preferred.Count) arranged.Add(preferred[i]);
            if (i < other.Count && arranged.Count < Most) arranged.Add(other[i]);
        }

        return arranged;
    }

    private static List<IPAddress> Turned(List<IPAddress> addresses, int turn)
    {
        if (addresses.Count < 2) return addresses;
        var from = (int)((uint)turn % (uint)addresses.Count);
        return [.. addresses[from..], .. addresses[..from]];
    }
}
