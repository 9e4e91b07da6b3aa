namespace Portcullis.Control.Identity.People;

/// <summary>Why what a person had so far ends.</summary>
public enum StandingEnd
{
    /// <summary>No reason; refused.</summary>
    None = 0,

    /// <summary>They, or an operator, set another password.</summary>
    PasswordChanged = 1,

    /// <summary>They may not sign in any more: their access tokens end, too.</summary>
    Disabled = 2,

    /// <summary>An operator took their second factors away, which somebody else may have had.</summary>
    FactorsReset = 3,

    /// <summary>They belong to another tenant now. What tells the former one has been revoked with the change.</summary>
    TenantChanged = 4,
}
