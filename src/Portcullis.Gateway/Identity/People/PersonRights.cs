namespace Portcullis.Gateway.Identity.People;

/// <summary>What somebody may do.</summary>
/// <param name="Permissions">Effective permissions, without stars.</param>
/// <param name="Roles">The roles that they come of.</param>
public sealed record PersonRights(IReadOnlyCollection<string> Permissions, IReadOnlyList<string> Roles);
