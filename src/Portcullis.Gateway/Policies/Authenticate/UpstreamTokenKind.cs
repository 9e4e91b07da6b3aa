namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Which Authorization field of the gateway's own an upstream gets.</summary>
public enum UpstreamTokenKind
{
    /// <summary>For sessions a token that the gateway signs; for everything else none.</summary>
    Session,

    /// <summary>For every caller a token that the gateway signs.</summary>
    Own,

    /// <summary>None.</summary>
    None,
}
