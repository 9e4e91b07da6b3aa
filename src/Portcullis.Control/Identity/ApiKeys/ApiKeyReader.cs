using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>Reads the keys that count, each with whether its subject is active.</summary>
/// <param name="store">The database.</param>
/// <param name="clock">Tells what has expired.</param>
internal sealed class ApiKeyReader(Store store, TimeProvider clock)
{
    private static readonly IReadOnlyDictionary<string, string?> NoSubjects = new Dictionary<string, string?>();

    /// <summary>All.</summary>
    public Task<IReadOnlyList<StoredApiKey>> AllAsync(CancellationToken cancellationToken) => ReadAsync(static _ => true, null, cancellationToken);

    /// <summary>Those of one subject.</summary>
    public Task<IReadOnlyList<StoredApiKey>> OfAsync(string subject, CancellationToken cancellationToken)
    {
        var kind = new Holder(subject).Kind;
        return ReadAsync(row => row.HolderKind == kind && row.HolderId == subject, subject, cancellationToken);
    }

    /// <summary>The one of that id; null where there is none that counts.</summary>
    public async Task<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var subject = await store.UseAsync(context => context.ApiKeys.Where(row => row.Prefix == id).Select(row => row.HolderId).SingleOrDefaultAsync(cancellationToken)).ConfigureAwait(false);
        return subject is null ? null : (await ReadAsync(row => row.Prefix == id, subject, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
    }

    private Task<IReadOnlyList<StoredApiKey>> ReadAsync(Expression<Func<Entities.ApiKey, bool>> which, string? subject, CancellationToken cancellationToken) => store.UseAsync<IReadOnlyList<StoredApiKey>>(async context =>
    {
        var now = clock.GetUtcNow();
        var rows = await context.ApiKeys.Where(row => row.Revoked == null && row.Expires > now).Where(which)
            .Select(row => new { row.Prefix, row.Hash, row.HolderKind, row.HolderId, row.Scope, row.Expires, row.LastUsed })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var active = rows.Count == 0 ? NoSubjects : await ActiveAsync(context, subject, cancellationToken).ConfigureAwait(false);
        var keys = new List<StoredApiKey>(rows.Count);
        foreach (var row in rows)
        {
            if (ApiKeyHash.Read(row.Hash) is not { } hash || row.Expires is not { } end) continue;
            var isPerson = row.HolderKind == Holder.PersonKind;
            var used = row.LastUsed is { } last ? DateOnly.FromDateTime(last.UtcDateTime) : DateOnly.MinValue;
            keys.Add(new(row.Prefix, hash, row.HolderId, isPerson, row.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries), end, active.TryGetValue(row.HolderId, out var tenant), tenant, used));
        }

        return keys;
    });

    // Who is active, and of which tenant. Of everybody at once where all keys are read: there are at most as many as a node keeps anyway.
    private static async Task<IReadOnlyDictionary<string, string?>> ActiveAsync(StoreContext context, string? subject, CancellationToken cancellationToken)
    {
        var people = context.People.Where(person => !person.IsDisabled);
        var clients = context.Clients.Where(client => !client.IsDisabled);
        if (subject is not null)
        {
            _ = Holder.IsOfPerson(subject, out var id);
            people = people.Where(person => person.Id == id);
            clients = clients.Where(client => client.Id == subject);
        }

        var persons = await people.Select(person => new { person.Id, person.Tenant }).ToListAsync(cancellationToken).ConfigureAwait(false);
        var programs = await clients.Select(client => new { client.Id, client.Tenant }).ToListAsync(cancellationToken).ConfigureAwait(false);
        var active = new Dictionary<string, string?>(persons.Count + programs.Count, StringComparer.Ordinal);
        foreach (var person in persons) active[SubjectId.Of(person.Id)] = person.Tenant;
        foreach (var client in programs) active[client.Id] = client.Tenant;
        return active;
    }
}
