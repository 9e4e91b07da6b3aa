using System.Buffers.Binary;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>The nine octets before each frame (RFC 9113 §4.1).</summary>
/// <param name="Length">Octets of payload, 0 to 16,777,215.</param>
/// <param name="Stream">0: the connection.</param>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int Stream)
{
    public const int Size = 9;

    /// <summary>Where the flags lie within a frame.</summary>
    public const int FlagsOffset = 4;

    public bool Has(FrameFlags flag) => (Flags & flag) != FrameFlags.None;

    /// <summary>Reads a header. The reserved bit is ignored, as it must be.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> octets)
        => new(
            BinaryPrimitives.ReadInt32BigEndian(octets) >>> 8,
            (FrameType)octets[3],
            (FrameFlags)octets[FlagsOffset],
            BinaryPrimitives.ReadInt32BigEndian(octets[5..]) & int.MaxValue);

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, (Length << 8) | (byte)Type);
        to[FlagsOffset] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(to[5..], Stream);
    }
}
