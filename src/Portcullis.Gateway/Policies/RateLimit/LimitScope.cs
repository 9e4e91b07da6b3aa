using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// The cells of one limit: whom it counts is hashed under the scope's own secret, so that limits share a table but never a cell,
/// and nobody outside can choose two keys that meet. Lives as long as the process. Thread safe.
/// </summary>
internal sealed class LimitScope
{
    private readonly ulong k0;
    private readonly ulong k1;

    private readonly Lock gate = new();

    /// <summary>The cell of all keys that found no room in the table.</summary>
    private long overflow = Gcra.Unused;

    public LimitScope()
    {
        Span<byte> secret = stackalloc byte[16];
        RandomNumberGenerator.Fill(secret);
        k0 = BinaryPrimitives.ReadUInt64LittleEndian(secret);
        k1 = BinaryPrimitives.ReadUInt64LittleEndian(secret[8..]);
    }

    /// <summary>The key of the one cell of a limit that counts everybody together.</summary>
    public UInt128 Shared => SipHash.Hash(k0, k1, ReadOnlySpan<byte>.Empty);

    /// <summary>
    /// The key of a client address: the whole IPv4 address, also when it comes as IPv4-mapped IPv6, or the /64 of an IPv6 address,
    /// since one subscriber can draw any number of addresses from that.
    /// </summary>
    public UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 16) bytes = address.IsIPv4MappedToIPv6 ? bytes[12..] : bytes[..8];
        else bytes = bytes[..4];
        return SipHash.Hash(k0, k1, bytes);
    }

    /// <summary>The key of a caller (<see cref="Pipeline.Caller.LimitKey"/>).</summary>
    public UInt128 KeyOf(string caller) => SipHash.Hash(k0, k1, caller);

    /// <summary>Counts a request in the cell that all keys without room share.</summary>
    public LimitStanding TakeOverflow(LimitRate rate, long now)
    {
        lock (gate) return Gcra.Take(ref overflow, rate, now);
    }

    /// <summary>Takes back what <see cref="TakeOverflow"/> counted.</summary>
    public void GiveBackOverflow(LimitRate rate, in LimitStanding taken, TimeProvider clock)
    {
        lock (gate) Gcra.GiveBack(ref overflow, rate, taken, clock.GetTimestamp());
    }
}
