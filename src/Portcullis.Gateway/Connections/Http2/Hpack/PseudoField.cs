namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>The pseudo-fields of RFC 9113 §8.3 and RFC 8441 §4. Which of them a message may have is for whoever reads the message.</summary>
internal enum PseudoField : byte
{
    /// <summary>A field like others.</summary>
    None,

    Method,
    Scheme,
    Authority,
    Path,

    /// <summary>Extended CONNECT (RFC 8441 §4).</summary>
    Protocol,

    /// <summary>Of responses alone: a request that has it is malformed (RFC 9113 §8.3).</summary>
    Status,

    /// <summary>Begins with a colon and is none of the others: the message is malformed (RFC 9113 §8.3).</summary>
    Unknown,
}
