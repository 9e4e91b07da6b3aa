namespace Portcullis.Gateway.Identity.Roles;

/// <summary>A permission somebody has, and by what.</summary>
/// <param name="Permission">The permission, which may have stars.</param>
/// <param name="Roles">The roles that lead to it, from the one that was granted to the one that names it; empty where it was granted itself.</param>
/// <param name="NeedsFactor">Whether a person has it only after a sign-in with several factors: a role on every way to it says <c>mfa: required</c>.</param>
public sealed record Grant(PermissionPattern Permission, IReadOnlyList<string> Roles, bool NeedsFactor = false)
{
    /// <summary>The way to the permission for people: <c>role boss, which includes clerk</c>.</summary>
    public string Way => Roles.Count == 0 ? "granted itself" : "role " + string.Join(", which includes ", Roles);
}
