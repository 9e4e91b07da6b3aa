namespace Portcullis.Gateway.Connections.Tls;

/// <summary>What a client's certificate is worth.</summary>
internal enum ClientCertificateVerdict
{
    Bad,

    /// <summary>It, or one above it, is not valid now.</summary>
    Expired,

    /// <summary>It does not come from one of the listener's authorities.</summary>
    UnknownAuthority,

    Good,
}
