namespace Portcullis.Gateway.Connections.Addresses;

/// <summary>What the first octets of a connection from a proxy are.</summary>
public enum ProxyProtocolOutcome
{
    /// <summary>A header that breaks the specification or its bounds: close the connection.</summary>
    Invalid,

    /// <summary>The beginning of a header: read on.</summary>
    Incomplete,

    /// <summary>No header.</summary>
    Absent,

    /// <summary>A complete header.</summary>
    Present,
}
