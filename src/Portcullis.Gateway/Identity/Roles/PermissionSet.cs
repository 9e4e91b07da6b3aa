using System.Collections.Frozen;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>The effective permissions of somebody, computed once. The zero of it is <see cref="None"/>. Immutable, safe from any thread.</summary>
public sealed class PermissionSet
{
    private readonly FrozenSet<string> exact;
    private readonly PermissionPattern[] patterns;

    /// <param name="grants">Each permission once.</param>
    /// <param name="roles">The roles by which they came.</param>
    /// <param name="rolesByOneFactor">Those of them that ask for no second factor.</param>
    internal PermissionSet(IReadOnlyList<Grant> grants, IReadOnlyList<string> roles, IReadOnlyList<string> rolesByOneFactor)
    {
        Grants = grants;
        Roles = roles;
        exact = grants.Where(grant => !grant.Permission.HasWildcard).Select(grant => grant.Permission.Text).ToFrozenSet(StringComparer.Ordinal);
        patterns = [.. grants.Select(grant => grant.Permission).Where(permission => permission.HasWildcard)];
        ByOneFactor = grants.Any(grant => grant.NeedsFactor) || roles.Count != rolesByOneFactor.Count
            ? new([.. grants.Where(grant => !grant.NeedsFactor)], rolesByOneFactor, rolesByOneFactor)
            : this;
    }

    /// <summary>The roles that were granted and are defined, by which they came.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>No permission.</summary>
    public static PermissionSet None { get; } = new([], [], []);

    /// <summary>
    /// What of it counts for a person who signed in with one factor alone, as for an API key, which is no second factor either: all but what comes only of roles with
    /// <c>mfa: required</c>. The same object where that is everything.
    /// </summary>
    public PermissionSet ByOneFactor { get; }

    /// <summary>Every permission with the way by which it came, each once, in the order of their texts.</summary>
    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Whether the permission, which has no stars, is granted.</summary>
    public bool Contains(string permission)
    {
        if (exact.Contains(permission)) return true;
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(permission)) return true;
        }

        return false;
    }

    /// <summary>The same permissions for a program, which has no second factor and is asked for none.</summary>
    public PermissionSet OfProgram() => ReferenceEquals(ByOneFactor, this) ? this : new([.. Grants.Select(grant => grant with { NeedsFactor = false })], Roles, Roles);

    /// <summary>Those of the known permissions that are granted, in the order of their texts.</summary>
    public IReadOnlyList<string> Among(IEnumerable<string> known) => [.. known.Where(Contains).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The permissions without stars, in the order of their texts: what a token carries. Those that are granted as they are written, and of what a star
    /// grants those that the vocabulary names.
    /// </summary>
    public IReadOnlyList<string> Resolve(IEnumerable<string> vocabulary) => Among(patterns.Length == 0 ? exact : exact.Concat(vocabulary));
}
