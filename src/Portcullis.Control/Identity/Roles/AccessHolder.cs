namespace Portcullis.Control.Identity.Roles;

/// <summary>Somebody who holds permissions, as a review sees them.</summary>
public sealed record AccessHolder
{
    /// <summary>The subject of their tokens.</summary>
    public required string Subject { get; init; }

    /// <summary>What uses of permissions are recorded under; the subject unless told.</summary>
    public string? Caller { get; init; }

    /// <summary>Whether it is a person, who needs a second factor, or a program.</summary>
    public required bool IsPerson { get; init; }

    /// <summary>Whether they can't sign in at present. Their grants count as unused all the same.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether they have a second factor or a passkey.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>Roles that were granted.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Permissions that were granted by themselves.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>When the account was made: what is younger than the period is not called unused.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When they last signed in or got a token; null for never.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}
