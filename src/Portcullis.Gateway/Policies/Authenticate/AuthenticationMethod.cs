namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>A way for callers to say who they are.</summary>
public enum AuthenticationMethod
{
    /// <summary>Nobody is asked. Must be written, so that no route is open by oversight.</summary>
    None,

    /// <summary>A bearer access token (RFC 6750) of the gateway's own issuer or a configured outside one.</summary>
    Token,
}
