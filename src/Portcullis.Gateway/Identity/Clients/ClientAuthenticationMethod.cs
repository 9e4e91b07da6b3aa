namespace Portcullis.Gateway.Identity.Clients;

/// <summary>The one way in which a client proves itself. It is the client's own, never chosen by the request. Values are persisted.</summary>
public enum ClientAuthenticationMethod
{
    /// <summary>A secret, by Basic or in the form (RFC 6749 §2.3.1).</summary>
    Secret = 0,

    /// <summary>A signed assertion (RFC 7523 §2.2).</summary>
    PrivateKeyJwt = 1,

    /// <summary>None: a public client, such as a program on a person's device. Code and refresh token are bound to it by PKCE and rotation alone.</summary>
    None = 2,

    /// <summary>The certificate of the TLS connection (RFC 8705 §2.1: <c>tls_client_auth</c>). Its tokens are bound to that certificate.</summary>
    Certificate = 3,
}
