using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>SHA-256 of a key, as what tables are looked up by. Comparing it needs no fixed time: who could choose hashes at will could break SHA-256.</summary>
internal readonly record struct ApiKeyHash(UInt128 First, UInt128 Second)
{
    /// <summary>The hash; null for octets of another length.</summary>
    public static ApiKeyHash? Read(ReadOnlySpan<byte> hash)
        => hash.Length == SHA256.HashSizeInBytes ? new(MemoryMarshal.Read<UInt128>(hash), MemoryMarshal.Read<UInt128>(hash[16..])) : null;
}
