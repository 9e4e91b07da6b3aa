using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>SHA-256 of a token: what remembers it without keeping it.</summary>
internal readonly record struct TokenDigest(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Longest token that is looked at, in octets; longer ones are no tokens.</summary>
    public const int MaximumTokenLength = 16 * 1024;

    /// <summary>Hashes a token; false where it is too long or holds a character that no token has.</summary>
    public static bool TryCompute(ReadOnlySpan<char> token, out TokenDigest digest)
    {
        digest = default;
        if (token.Length is 0 or > MaximumTokenLength) return false;

        byte[]? rented = null;
        var bytes = token.Length <= 2048 ? stackalloc byte[token.Length] : rented = ArrayPool<byte>.Shared.Rent(token.Length);
        var ok = Ascii.FromUtf16(token, bytes, out var written) == OperationStatus.Done;
        if (ok)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(bytes[..written], hash);
            var parts = MemoryMarshal.Cast<byte, ulong>(hash);
            digest = new(parts[0], parts[1], parts[2], parts[3]);
        }

        if (rented is not null) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return ok;
    }

    public override int GetHashCode() => (int)A;
}
