namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>A way for callers to say who they are.</summary>
public enum AuthenticationMethod
{
    /// <summary>Nobody is asked. Must be written, so that no route is open by oversight.</summary>
    None,

    /// <summary>A bearer access token (RFC 6750) of the gateway's own issuer or a configured outside one.</summary>
    Token,

    /// <summary>The cookie of a person who has signed in at the gateway.</summary>
    Session,

    /// <summary>An API key, in <c>X-Api-Key</c> or after <c>ApiKey</c> in the Authorization field.</summary>
    ApiKey,

    /// <summary>The certificate that the client showed in the TLS handshake, mapped to a caller by <c>identity.certificates</c>.</summary>
    Certificate,
}
