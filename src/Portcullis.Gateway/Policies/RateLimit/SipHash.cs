using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): without the key nobody can
/// find two inputs of the same hash, so clients can't choose keys that fall into one cell or one chain.
/// </summary>
internal static class SipHash
{
    /// <summary>Hashes <paramref name="data"/> under the 128-bit key <paramref name="k0"/>, <paramref name="k1"/>. Allocates nothing.</summary>
    public static UInt128 Hash(ulong k0, ulong k1, ReadOnlySpan<byte> data)
    {
        // 1. Initialization; 0xEE selects the 128-bit variant.
        var v0 = k0 ^ 0x736f6d6570736575;
        var v1 = k1 ^ 0x646f72616e646f6d ^ 0xEE;
        var v2 = k0 ^ 0x6c7967656e657261;
        var v3 = k1 ^ 0x7465646279746573;

        // 2. Compression, eight bytes at a time; the last word carries the length modulo 256 in its top byte.
        var last = (ulong)data.Length << 56;
        while (data.Length >= 8)
        {
            Compress(ref v0, ref v1, ref v2, ref v3, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        for (var i = 0; i < data.Length; i++) last |= (ulong)data[i] << (8 * i);
        Compress(ref v0, ref v1, ref v2, ref v3, last);

        // 3. Finalization, once for each half.
        v2 ^= 0xEE;
        Finish(ref v0, ref v1, ref v2, ref v3);
        var low = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xDD;
        Finish(ref v0, ref v1, ref v2, ref v3);
        return new UInt128(v0 ^ v1 ^ v2 ^ v3, low);
    }

    /// <summary>Hashes the UTF-16 code units of <paramref name="text"/>.</summary>
    public static UInt128 Hash(ulong k0, ulong k1, ReadOnlySpan<char> text) => Hash(k0, k1, MemoryMarshal.AsBytes(text));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compress(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
