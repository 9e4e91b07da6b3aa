namespace Portcullis.Gateway.Configuration;

/// <summary>Whether a TLS listener asks clients for a certificate.</summary>
public enum ClientCertificateMode
{
    /// <summary>Not asked for.</summary>
    None,

    /// <summary>Asked for; a client without one is let in, one with a bad one is not.</summary>
    Optional,

    /// <summary>The handshake fails without a valid one.</summary>
    Required,
}
