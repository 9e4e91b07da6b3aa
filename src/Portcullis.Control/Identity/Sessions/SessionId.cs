using System.Buffers.Binary;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>SHA-256 of a session's cookie value: what a session is stored and listed under. Who reads the store can't make the cookie of it.</summary>
public readonly record struct SessionId
{
    /// <summary>Octets of an id.</summary>
    public const int Size = 32;

    private readonly UInt128 high;
    private readonly UInt128 low;

    /// <param name="hash">32 octets.</param>
    public SessionId(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Size) throw new ArgumentException($"An id has {Size} octets.", nameof(hash));
        high = BinaryPrimitives.ReadUInt128BigEndian(hash);
        low = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The octets, for a store.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), low);
        return bytes;
    }

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    /// <summary>The id out of <see cref="ToString"/>; false for everything else.</summary>
    public static bool TryParse(string text, out SessionId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Size * 2 || text.AsSpan().ContainsAnyExceptInRange('0', 'f') || text.AsSpan().ContainsAnyInRange(':', '`')) return false;
        Convert.FromHexString(text, bytes, out _, out _);
        id = new SessionId(bytes);
        return true;
    }
}
