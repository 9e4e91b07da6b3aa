namespace Portcullis.Gateway.Configuration;

/// <summary>What becomes of an address that no rule names.</summary>
public enum FirewallAction
{
    /// <summary>Refused.</summary>
    Deny,

    /// <summary>Let in.</summary>
    Allow,
}
