using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.People;

/// <summary>Who needs a second factor: whoever was added so, and whoever holds a role with <c>mfa: required</c> in the configuration that runs. Safe from any thread.</summary>
/// <param name="running">The roles that are defined.</param>
/// <param name="rolesOf">The roles that somebody has now, by their subject.</param>
public sealed class FactorRule(RunningRoles running, Func<string, CancellationToken, Task<IReadOnlyList<string>>> rolesOf)
{
    /// <summary>The roles that are defined now, for decisions that the database makes.</summary>
    public RoleSet Roles => running.Roles;

    /// <summary>Whether the person needs one.</summary>
    /// <exception cref="Storage.StoreException">The database had to be asked and can't be read.</exception>
    public async ValueTask<bool> AppliesToAsync(Person person, CancellationToken cancellationToken)
        => person.RequiresMfa || (await rolesOf(person.Id, cancellationToken).ConfigureAwait(false)).Any(running.Roles.NeedsFactor);
}
