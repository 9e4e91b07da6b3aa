using System.Collections.Frozen;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// The roles of a configuration with what each grants in the end, and the permissions that exclude each other (ANSI INCITS 359: hierarchical RBAC with static
/// separation of duty). Immutable, safe from any thread. A role that is not in it grants nothing.
/// </summary>
public sealed class RoleSet
{
    /// <summary>Roles of one configuration; more are an error.</summary>
    public const int MostRoles = 1000;

    /// <summary>Permissions and inclusions that one role may name, and permissions that it may come to in the end; more are an error.</summary>
    public const int MostPermissions = 1000;

    private readonly FrozenDictionary<string, CompiledRole> roles;
    private readonly IReadOnlyList<IReadOnlyList<PermissionPattern>> exclusions;

    private RoleSet(FrozenDictionary<string, CompiledRole> roles, IReadOnlyList<IReadOnlyList<PermissionPattern>> exclusions)
    {
        this.roles = roles;
        this.exclusions = exclusions;
    }

    /// <summary>No roles.</summary>
    public static RoleSet Empty { get; } = new(FrozenDictionary<string, CompiledRole>.Empty, []);

    /// <summary>The names of all roles.</summary>
    public IReadOnlyCollection<string> Names => roles.Keys;

    /// <summary>Compiles, and reports everything that is wrong. With errors the result is <see cref="Empty"/>, which grants nothing.</summary>
    public static RoleSet Compile(IReadOnlyDictionary<string, RoleOptions> roles, IReadOnlyList<SeparationOptions> separation, Action<RoleDefect> report)
        => new RoleCompiler(roles, separation, report).Compile() is var (effective, exclusions) ? new RoleSet(effective, exclusions) : Empty;

    /// <summary>What somebody with these roles and permissions may do in the end. Roles that are not defined and texts that are no permission count for nothing.</summary>
    public PermissionSet Effective(IEnumerable<string> held, IEnumerable<string> permissions)
    {
        string[] defined = [.. held.Where(roles.ContainsKey)];
        return new(GrantsOf(defined, permissions), defined, [.. defined.Where(role => !NeedsFactor(role))]);
    }

    /// <summary>Whether people who hold the role need a second factor: it says so, or one that it includes does. False for a role that is not defined, which grants nothing.</summary>
    public bool NeedsFactor(string role) => roles.TryGetValue(role, out var known) && known.NeedsFactor;

    /// <summary>Two excluded permissions that these roles and permissions would join; null where there are none.</summary>
    public SeparationConflict? Conflict(IEnumerable<string> held, IEnumerable<string> permissions) => Conflict(GrantsOf(held, permissions), exclusions);

    /// <summary>
    /// Whether somebody may be granted one role more: null where nothing speaks against it, else why not, for whoever grants. What was granted meanwhile counts
    /// only where the caller judges and stores in one transaction.
    /// </summary>
    public string? RefusalOfGrant(IEnumerable<string> held, IEnumerable<string> permissions, string role)
        => !roles.ContainsKey(role) ? $"there is no role {Excerpt.Quote(role)}" : Conflict([.. held, role], permissions)?.Text;

    internal static SeparationConflict? Conflict(IReadOnlyList<Grant> grants, IReadOnlyList<IReadOnlyList<PermissionPattern>> exclusions)
    {
        foreach (var exclusion in exclusions)
        {
            (PermissionPattern Permission, Grant By)? first = null;
            foreach (var excluded in exclusion)
            {
                if (grants.FirstOrDefault(grant => grant.Permission.Overlaps(excluded)) is not { } by) continue;
                if (first is { } found) return new(found.Permission.Text, found.By, excluded.Text, by);
                first = (excluded, by);
            }
        }

        return null;
    }

    private IReadOnlyList<Grant> GrantsOf(IEnumerable<string> held, IEnumerable<string> permissions)
    {
        var grants = new GrantTable();
        foreach (var permission in permissions)
        {
            if (PermissionPattern.TryParse(permission, out var pattern)) grants.Add(new(pattern, []));
        }

        foreach (var role in held)
        {
            if (!roles.TryGetValue(role, out var given)) continue;
            foreach (var grant in given.Grants) grants.Add(grant);
        }

        return grants.ToList();
    }
}
