namespace Portcullis.Control.Identity.Roles;

/// <summary>What a review found.</summary>
public enum AccessFindingKind
{
    /// <summary>A permission was not used in the period.</summary>
    Unused = 0,

    /// <summary>None of the permissions of a granted role was used in the period.</summary>
    UnusedRole = 1,

    /// <summary>Of a permission with a star, only some were used.</summary>
    TooWide = 2,

    /// <summary>A sensitive permission is held.</summary>
    Sensitive = 3,

    /// <summary>A person has no second factor.</summary>
    NoSecondFactor = 4,

    /// <summary>Nobody used the account in the period.</summary>
    Dormant = 5,

    /// <summary>Permissions that exclude each other are in one hand.</summary>
    Separation = 6,

    /// <summary>A granted role is not defined.</summary>
    UnknownRole = 7,

    /// <summary>A person holds a role that needs a second factor, and has none.</summary>
    FactorMissing = 8,
}
