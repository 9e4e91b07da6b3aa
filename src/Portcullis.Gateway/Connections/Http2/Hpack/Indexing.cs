namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>What the encoder does with the values of a name (RFC 7541 §6.2, §7.1).</summary>
internal enum Indexing
{
    /// <summary>Never in a table, here or on any hop behind (RFC 7541 §7.1.3): what is one caller's secret.</summary>
    Never,

    /// <summary>Not put into the table: what is new with nearly each response.</summary>
    Fleeting,

    /// <summary>Put into the table when the same value comes for the second time.</summary>
    Repeated,
}
