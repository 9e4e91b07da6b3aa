using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Identity.Roles;

/// <summary>Everybody who holds permissions, as a review sees them: people and clients, disabled ones too.</summary>
/// <param name="store">The database.</param>
/// <param name="people">The people.</param>
/// <param name="grants">Their roles.</param>
/// <param name="uses">What they used.</param>
public sealed class AccessHolders(Store store, IPersonStore people, RoleGrants grants, PermissionUseStore uses)
{
    /// <summary>All holders, people first, by subject.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyList<AccessHolder>> ReadAsync(CancellationToken cancellationToken = default)
    {
        var roles = (await grants.ListAsync(null, cancellationToken).ConfigureAwait(false)).ToLookup(grant => grant.Subject, grant => grant.Role, StringComparer.Ordinal);
        var days = await uses.LastDaysAsync(cancellationToken).ConfigureAwait(false);
        var sessions = await SessionsAsync(cancellationToken).ConfigureAwait(false);
        var persons = (await people.ListAsync(cancellationToken).ConfigureAwait(false)).OrderBy(person => person.Id, StringComparer.Ordinal).Select(person => new AccessHolder
        {
            Subject = person.Id,
            IsPerson = true,
            IsDisabled = person.IsDisabled,
            HasSecondFactor = person.HasSecondFactor,
            Roles = [.. roles[person.Id]],
            Created = person.Created,
            LastSeen = Later(LastUse(person.Id), sessions.TryGetValue(person.Id, out var seen) ? seen : null),
        });
        var clients = await store.UseAsync(context => context.Clients.OrderBy(client => client.Id).ToListAsync(cancellationToken)).ConfigureAwait(false);
        var programs = clients.OrderBy(client => client.Id, StringComparer.Ordinal).Select(client => new AccessHolder
        {
            Subject = client.Id,
            IsPerson = false,
            IsDisabled = client.IsDisabled,
            Roles = [.. roles[client.Id]],
            Permissions = client.Permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Created = client.Created,
            LastSeen = LastUse(client.Id),
        });
        return [.. persons, .. programs];

        DateTimeOffset? LastUse(string subject) => days.TryGetValue(subject, out var day) ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    private async Task<Dictionary<string, DateTimeOffset>> SessionsAsync(CancellationToken cancellationToken)
    {
        var seen = await store.UseAsync(context => context.Sessions.GroupBy(session => session.PersonId).Select(own => new { own.Key, LastSeen = own.Max(session => session.LastSeen) }).ToListAsync(cancellationToken))
            .ConfigureAwait(false);
        return seen.ToDictionary(own => SubjectId.Of(own.Key), own => own.LastSeen, StringComparer.Ordinal);
    }
}
