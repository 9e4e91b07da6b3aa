namespace Portcullis.Control.Identity.Roles;

/// <summary>That somebody shall have a role.</summary>
/// <param name="Subject">The person's subject or the client's id.</param>
/// <param name="Role">The role.</param>
/// <param name="By">Who grants it, at most 128 characters.</param>
/// <param name="Expires">When it ends by itself; null for never.</param>
public sealed record RoleRequest(string Subject, string Role, string By, DateTimeOffset? Expires = null);
