namespace Portcullis.Gateway.Tests.Http2;

/// <summary>One frame as it came or goes.</summary>
internal sealed record Http2Frame(Http2FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte EndStream = 0x1;
    public const byte Ack = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;

    public bool Has(byte flag) => (Flags & flag) != 0;
}
