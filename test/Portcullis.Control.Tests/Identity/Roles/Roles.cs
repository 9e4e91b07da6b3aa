using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Tests.Identity.Roles;

/// <summary>Role sets for tests.</summary>
internal static class Roles
{
    /// <summary>Orders are written by clerks and approved by approvers, who are never the same; auditors read everything.</summary>
    public static RoleSet Orders { get; } = Compile([("reader", "orders:read"), ("clerk", "orders:write"), ("approver", "orders:approve"), ("auditor", "*:read")], "orders:write orders:approve");

    /// <summary>Readers read; administrators write users, and are asked for a second factor.</summary>
    public static RoleSet Strong { get; } = RoleSet.Compile(
        new Dictionary<string, RoleOptions>(StringComparer.Ordinal) { ["reader"] = new() { Permissions = ["orders:read"] }, ["administrator"] = new() { Permissions = ["users:write"], Mfa = RoleFactor.Required } },
        [],
        defect => Assert.False(defect.IsError, defect.Text));

    /// <param name="roles">Names with permissions, separated by spaces.</param>
    /// <param name="separations">Permissions that exclude each other, separated by spaces.</param>
    public static RoleSet Compile((string Name, string Permissions)[] roles, params string[] separations) => RoleSet.Compile(
        roles.ToDictionary(role => role.Name, role => new RoleOptions { Permissions = role.Permissions.Split(' ') }, StringComparer.Ordinal),
        [.. separations.Select(each => new SeparationOptions { Permissions = each.Split(' ') })],
        defect => Assert.False(defect.IsError, defect.Text));
}
