using System.Buffers.Binary;

namespace Portcullis.Gateway.Tests.Http2;

/// <summary>One frame as it came or goes.</summary>
internal sealed record Http2Frame(Http2FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte EndStream = 0x1;
    public const byte Ack = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte Priority = 0x20;

    public bool EndsStream => Type == Http2FrameType.RstStream || (Type is Http2FrameType.Data or Http2FrameType.Headers && Has(EndStream));

    /// <summary>The number in a payload of four octets or, of GOAWAY, the error code.</summary>
    public uint Number => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(Type == Http2FrameType.GoAway ? 4 : 0));

    /// <summary>What SETTINGS say.</summary>
    public IEnumerable<(Http2Setting Name, uint Value)> SettingsValues
        => Payload.Chunk(6).Select(each => ((Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(each), BinaryPrimitives.ReadUInt32BigEndian(each.AsSpan(2))));

    public bool Has(byte flag) => (Flags & flag) != 0;

    public override string ToString() => $"{Type}/{Flags:x} of {Stream}, {Payload.Length} octets";
}
