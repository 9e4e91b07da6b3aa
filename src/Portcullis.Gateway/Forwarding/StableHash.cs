namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// A 64-bit hash that is the same in every process and version: FNV-1a, then the finaliser of SplitMix64 for even bits.
/// Not keyed: all nodes must agree. Who controls the hashed value can choose a destination, never more.
/// </summary>
internal static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<byte> octets)
    {
        var hash = Offset;
        foreach (var octet in octets) hash = (hash ^ octet) * Prime;
        return Mix(hash);
    }

    /// <summary>Of text by its UTF-16 units; allocates nothing.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = Offset;
        foreach (var unit in text) hash = (hash ^ unit) * Prime;
        return Mix(hash);
    }

    public static ulong Combine(ulong left, ulong right) => Mix(left ^ (right * 0x9E3779B97F4A7C15));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
