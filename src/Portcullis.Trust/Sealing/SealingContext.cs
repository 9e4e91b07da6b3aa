using System.Buffers.Binary;
using System.Text;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// What a sealed value belongs to, such as table, column and row. It is authenticated with the value, so a value copied to another place
/// does not open there. Parts are length-prefixed: <c>("ab","c")</c> and <c>("a","bc")</c> differ.
/// </summary>
public sealed class SealingContext
{
    /// <summary>Parts one after another: 2 bytes of length, big-endian, then that many bytes of UTF-8. Frozen.</summary>
    private readonly byte[] encoded;

    private SealingContext(byte[] encoded) => this.encoded = encoded;

    /// <summary>A context of these parts, from the general to the particular. Each part may have up to 65,535 bytes of UTF-8.</summary>
    public static SealingContext Of(params ReadOnlySpan<string> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("A sealed value belongs somewhere: name at least one part.", nameof(parts));
        var length = 0;
        foreach (var part in parts)
            length += 2 + Encoding.UTF8.GetByteCount(part);
        var encoded = new byte[length];
        var rest = encoded.AsSpan();
        foreach (var part in parts)
        {
            var written = Encoding.UTF8.GetBytes(part, rest[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)written));
            rest = rest[(2 + written)..];
        }

        return new SealingContext(encoded);
    }

    internal ReadOnlySpan<byte> Encoded => encoded;
}
