using System.Net;
using System.Net.Sockets;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// IPv6 forms that carry an IPv4 address and may lead to it. A rule about the IPv4 address must hold for them too, else
/// <c>64:ff9b::a9fe:a9fe</c> reaches 169.254.169.254 through a NAT64.
/// </summary>
internal static class EmbeddedAddress
{
    /// <summary>The IPv4 address within, or false when there is none.</summary>
    public static bool TryExtract(IPAddress address, out IPAddress embedded)
    {
        embedded = address;
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return false;

        Span<byte> octets = stackalloc byte[16];
        if (!address.TryWriteBytes(octets, out _)) return false;
        var at = Position(octets);
        if (at < 0) return false;

        Span<byte> v4 = stackalloc byte[4];
        octets.Slice(at, 4).CopyTo(v4);
        if (IsTeredo(octets))
        {
            // RFC 4380 §4: the client's address is obfuscated by flipping every bit.
            for (var i = 0; i < v4.Length; i++) v4[i] ^= 0xFF;
        }

        embedded = new IPAddress(v4);
        return true;
    }

    private static int Position(ReadOnlySpan<byte> octets)
    {
        // IPv4-mapped, RFC 4291 §2.5.5.2.
        if (octets[..10].IndexOfAnyExcept((byte)0) < 0 && octets[10] == 0xFF && octets[11] == 0xFF) return 12;

        // IPv4-compatible (deprecated), RFC 4291 §2.5.5.1; :: and ::1 are addresses of their own.
        if (octets[..12].IndexOfAnyExcept((byte)0) < 0) return octets[12] == 0 && octets[13] == 0 && octets[14] == 0 && octets[15] <= 1 ? -1 : 12;

        // IPv4-translated, RFC 2765 §2.1: ::ffff:0:a.b.c.d.
        if (octets[..8].IndexOfAnyExcept((byte)0) < 0 && octets[8] == 0xFF && octets[9] == 0xFF && octets[10] == 0 && octets[11] == 0) return 12;

        // NAT64, RFC 6052 §2.1 (64:ff9b::/96) and RFC 8215 (64:ff9b:1::/48, read as /96: the length in use is not known here).
        if (octets[0] == 0x00 && octets[1] == 0x64 && octets[2] == 0xFF && octets[3] == 0x9B) return 12;

        // 6to4, RFC 3056 §2: 2002:aabb:ccdd::/48.
        if (octets[0] == 0x20 && octets[1] == 0x02) return 2;

        if (IsTeredo(octets)) return 12;

        // ISATAP, RFC 5214 §6.1: interface identifier [02]00:5efe:a.b.c.d.
        return octets[8] is 0x00 or 0x02 && octets[9] == 0 && octets[10] == 0x5E && octets[11] == 0xFE ? 12 : -1;
    }

    private static bool IsTeredo(ReadOnlySpan<byte> octets) => octets[0] == 0x20 && octets[1] == 0x01 && octets[2] == 0 && octets[3] == 0;
}
