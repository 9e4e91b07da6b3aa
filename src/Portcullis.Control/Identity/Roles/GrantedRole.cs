namespace Portcullis.Control.Identity.Roles;

/// <summary>A role that a person or client has.</summary>
public sealed record GrantedRole
{
    /// <summary>The person's subject or the client's id.</summary>
    public required string Subject { get; init; }

    /// <summary>Whether it is a person.</summary>
    public required bool IsPerson { get; init; }

    /// <summary>The role's name. Whether the configuration that runs defines it is another matter.</summary>
    public required string Role { get; init; }

    /// <summary>Who granted it.</summary>
    public required string GrantedBy { get; init; }

    /// <summary>When it was granted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }
}
