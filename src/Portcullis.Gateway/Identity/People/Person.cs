using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.People;

/// <summary>A person as the token service needs to know them at the moment.</summary>
public sealed record Person
{
    /// <summary>Who it is, for ever and for every client (<c>sub</c>): no name that can be given to somebody else later.</summary>
    public required string Subject { get; init; }

    /// <summary>What they may do now, however they signed in: effective permissions, roles resolved.</summary>
    public required IReadOnlyCollection<string> Permissions { get; init; }

    /// <summary>Their roles, without those that need a second factor.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What they may do, and as what, once they have signed in with several factors; null where that is no more.</summary>
    public PersonRights? BySeveralFactors { get; init; }

    /// <summary>Full name; told under scope <c>profile</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The name they sign in by; told under scope <c>profile</c>.</summary>
    public string? UserName { get; init; }

    /// <summary>Told under scope <c>email</c>.</summary>
    public string? Email { get; init; }

    /// <summary>Whether the address was proved to be theirs.</summary>
    public bool IsEmailVerified { get; init; }

    /// <summary>The tenant that they belong to; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>What they may do after this sign-in.</summary>
    internal IReadOnlyCollection<string> PermissionsBy(AuthenticationEvent authentication) => RightsBy(authentication)?.Permissions ?? Permissions;

    /// <summary>As what they act after this sign-in.</summary>
    internal IReadOnlyList<string> RolesBy(AuthenticationEvent authentication) => RightsBy(authentication)?.Roles ?? Roles;

    private PersonRights? RightsBy(AuthenticationEvent authentication) => BySeveralFactors is { } rights && authentication.HasSeveralFactors() ? rights : null;
}
