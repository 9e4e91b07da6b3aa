using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>What people and clients may do in the end: their roles as the running configuration defines them, and what clients are registered for.</summary>
/// <param name="running">The roles that are defined.</param>
/// <param name="grants">Who has which.</param>
/// <param name="clients">The clients and their own permissions.</param>
public sealed class Entitlements(RunningRoles running, RoleGrants grants, ClientStore clients) : IEntitlements
{
    /// <inheritdoc/>
    /// <remarks>A sum of numbers that only grow: it is another one whenever one of them is.</remarks>
    public long Version => running.Version + grants.Version + clients.Version;

    /// <inheritdoc/>
    public Task Loaded { get; } = Task.WhenAll(grants.Loaded, clients.Loaded);

    /// <inheritdoc/>
    public PermissionSet Of(string subject)
    {
        var isPerson = Holder.IsOfPerson(subject, out _);
        var own = isPerson ? null : clients.FindKnown(subject)?.Permissions;
        var held = running.Roles.Effective(grants.KnownRolesOf(subject), own ?? []);
        return isPerson ? held : held.OfProgram();
    }

    /// <summary>What a person may do however they signed in, and what after a sign-in with several factors; null where that is no more.</summary>
    /// <exception cref="Storage.StoreException">The database had to be asked and can't be read.</exception>
    internal async Task<(PersonRights Always, PersonRights? BySeveralFactors)> ResolvePersonAsync(string subject, CancellationToken cancellationToken)
        => running.ResolvePerson(await grants.RolesOfAsync(subject, cancellationToken).ConfigureAwait(false));

    /// <summary>The permissions of a client without stars, as a token carries them, with the roles they come of.</summary>
    /// <param name="subject">The client.</param>
    /// <param name="own">What they have beside roles.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="Storage.StoreException">The database had to be asked and can't be read.</exception>
    internal async Task<(IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions)> ResolveAsync(string subject, IReadOnlyList<string> own, CancellationToken cancellationToken)
    {
        var held = await grants.RolesOfAsync(subject, cancellationToken).ConfigureAwait(false);
        var roles = running.Roles;
        return held.Count == 0 ? ([], own) : ([.. held.Where(roles.Names.Contains)], running.Resolve(held, own));
    }
}
