namespace Portcullis.Gateway.Fields;

/// <summary>What the client must know of a field name beside its text.</summary>
[Flags]
internal enum FieldTraits
{
    None = 0,

    /// <summary>Meant for this connection only; never passed on (RFC 9110 §7.6.1).</summary>
    HopByHop = 1,

    ContentLength = 2,

    TransferEncoding = 4,

    Connection = 8,

    /// <summary>Not allowed in a trailer section: framing, routing, authentication, control, content (RFC 9110 §6.5.1).</summary>
    NotInTrailers = 32,

    /// <summary>Its value belongs to one caller and is not kept for comparison with the next response.</summary>
    Personal = 64,

    /// <summary>In the table of <see cref="KnownFields"/>, so that its name is always the same string.</summary>
    Known = 256,

    /// <summary>What a client says under this name is not told to upstreams (see <see cref="Forwarding.RequestFields"/>).</summary>
    NotForUpstream = 512,

    /// <summary>Written by this client itself; a request that brings one is refused.</summary>
    OwnedByClient = 128,
}
