using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Trust.Passwords;

/// <summary>
/// 49,192 passwords of published breaches, as hashes of 32 bits (see <c>eng/common-passwords.py</c>). One look-up takes a password for common that is not
/// once in 87,000 times; never the other way round.
/// </summary>
internal static class CommonPasswords
{
    private static readonly uint[] hashes = Load();

    public static int Count => hashes.Length;

    /// <param name="lower">The candidate in lower case.</param>
    public static bool Contains(ReadOnlySpan<char> lower)
    {
        Span<byte> utf8 = stackalloc byte[Password.MaximumLength * 4];
        if (!Encoding.UTF8.TryGetBytes(lower, utf8, out var length))
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], hash);
        utf8[..length].Clear();
        return Array.BinarySearch(hashes, BinaryPrimitives.ReadUInt32BigEndian(hash)) >= 0;
    }

    private static uint[] Load()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("Portcullis.Common.bin")
            ?? throw new InvalidOperationException("The list of common passwords is missing from the assembly.");
        var loaded = new uint[stream.Length / 4];
        stream.ReadExactly(MemoryMarshal.AsBytes(loaded.AsSpan()));
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(loaded, loaded);
        return loaded;
    }
}
