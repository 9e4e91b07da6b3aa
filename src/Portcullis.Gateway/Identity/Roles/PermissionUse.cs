namespace Portcullis.Gateway.Identity.Roles;

/// <summary>That somebody used a permission on a day (UTC).</summary>
public readonly record struct PermissionUse(string Caller, string Permission, DateOnly Day);
