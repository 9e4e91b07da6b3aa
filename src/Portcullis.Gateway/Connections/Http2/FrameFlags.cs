namespace Portcullis.Gateway.Connections.Http2;

/// <summary>RFC 9113 §6. What a flag means depends on the frame's type.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>DATA, HEADERS: the sender's half of the stream ends here.</summary>
    EndStream = 0x1,

    /// <summary>SETTINGS, PING: an answer.</summary>
    Ack = EndStream,

    /// <summary>HEADERS, CONTINUATION: the field block ends here.</summary>
    EndHeaders = 0x4,

    /// <summary>DATA, HEADERS.</summary>
    Padded = 0x8,

    /// <summary>HEADERS: five octets of a priority come first.</summary>
    Priority = 0x20,
}
