namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>Whose requests a limit counts together. Never anything that a client can write at will, such as a header field.</summary>
public enum LimitBy
{
    /// <summary>The client's address: IPv4 whole, IPv6 by /64. Checked before authentication.</summary>
    Address,

    /// <summary>Issuer, client program and subject of the credential; without one, the address. Checked after authentication.</summary>
    Caller,

    /// <summary>
    /// The tenant of the caller, all its callers together; callers without a tenant each for themselves, and without a credential by address. Checked after
    /// authentication.
    /// </summary>
    Tenant,

    /// <summary>
    /// All requests of the route that passed authentication: what the service behind can take. Checked after authentication, so that
    /// nobody without a credential can use up what the others share. Callers whom the route then does not permit have counted.
    /// </summary>
    Route,
}
