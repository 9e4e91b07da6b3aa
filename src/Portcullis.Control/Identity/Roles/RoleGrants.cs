using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// Who has which roles, in the database. A node keeps all of it in memory and follows changes by <see cref="ChangeFeed"/>. Whether a grant is permitted is judged
/// in the transaction that stores it, with the holder's row locked: two grants at once can't join what excludes each other. Safe from any thread.
/// </summary>
public sealed class RoleGrants : IDisposable
{
    /// <summary>Most grants; some 60 MB in memory. One more is refused.</summary>
    public const int MostGrants = 200_000;

    /// <summary>Most roles that one person or client holds; one more is refused.</summary>
    public const int MostOfHolder = 64;

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly ChangeFeed? changes;
    private readonly IDisposable? subscription;
    private readonly RoleTable table;

    /// <param name="store">The database.</param>
    /// <param name="clock">Decides which grants have ended.</param>
    /// <param name="changes">The node's feed; null in a process that ends soon and asks the database each time.</param>
    public RoleGrants(Store store, TimeProvider clock, ChangeFeed? changes = null)
    {
        this.store = store;
        this.clock = clock;
        this.changes = changes;
        table = new RoleTable(clock);
        subscription = changes?.Subscribe(ChangeTopic.Roles, TakeAsync);
    }

    /// <summary>Changes whenever somebody's roles may have changed, be it that one has ended by itself.</summary>
    internal long Version => table.Version;

    /// <summary>Completes when all grants are in memory. Faults never; without a feed it never completes.</summary>
    internal Task Loaded => table.Loaded;

    /// <summary>The roles that a person or client has now, by name; of memory where it is current, else of the database.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public Task<IReadOnlyList<string>> RolesOfAsync(string subject, CancellationToken cancellationToken = default)
        => table.IsLoaded && changes is { IsCurrent: true } ? Task.FromResult(table.RolesOf(subject)) : Task.Run(() => ReadRolesAsync(subject, cancellationToken), cancellationToken);

    /// <summary>The grants of one holder, or of all, by holder and role. Those that have ended are left out.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyList<GrantedRole>> ListAsync(string? subject = null, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var rows = await store.UseAsync(context => Of(context.RoleGrants, subject).ToListAsync(cancellationToken)).ConfigureAwait(false);
        return [.. rows.Where(row => !HasEnded(row, now)).Select(ToGranted).OrderBy(grant => grant.Subject, StringComparer.Ordinal).ThenBy(grant => grant.Role, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Grants a role; null where it is granted now, else why it is not, for whoever grants. A role that is held already gets the new end. Roles and permissions that
    /// exclude each other are never in one hand, whoever grants at the same time.
    /// </summary>
    /// <param name="request">Who shall have what.</param>
    /// <param name="roles">The roles that there are.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StoreException">The database can't be written, or has no room for more grants.</exception>
    public Task<string?> GrantAsync(RoleRequest request, RoleSet roles, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        var now = clock.GetUtcNow();
        if (request.Expires <= now) return "the grant would have ended already";

        // SQLite: one writer at a time from here on. PostgreSQL: the holder's row is locked by LockAsync.
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        if (await HolderRow.LockAsync(context, request.Subject, cancellationToken).ConfigureAwait(false) is not { } permissions) return $"there is no person or client {request.Subject}";

        var held = await Of(context.RoleGrants.AsTracking(), request.Subject).ToListAsync(cancellationToken).ConfigureAwait(false);
        context.RoleGrants.RemoveRange(held.Where(row => HasEnded(row, now)));
        held.RemoveAll(row => HasEnded(row, now));
        if (roles.RefusalOfGrant(held.Select(row => row.Role), permissions, request.Role) is { } refusal) return refusal;

        if (held.Find(row => row.Role == request.Role) is { } known)
        {
            // Who set the end that it has now answers for it.
            known.Expires = request.Expires;
            known.GrantedBy = request.By;
        }
        else
        {
            if (held.Count >= MostOfHolder) return $"holds {MostOfHolder} roles, which is the most";
            if (await context.RoleGrants.CountAsync(cancellationToken).ConfigureAwait(false) >= MostGrants)
                throw new StoreException($"{store.Place} has {MostGrants} granted roles, which is the most", "take roles back that are no longer used");
            context.RoleGrants.Add(ToRow(request, now));
        }

        context.Announce(ChangeTopic.Roles, new Holder(request.Subject).Key);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        table.Doubt();
        return null;
    });

    /// <summary>Takes a role back; false where it was not held. Also one that no configuration defines any more.</summary>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public Task<bool> RevokeAsync(string subject, string role, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);

        // In turn with grants to the same holder. One who is gone may have left some.
        _ = await HolderRow.LockAsync(context, subject, cancellationToken).ConfigureAwait(false);
        if (await Of(context.RoleGrants, subject).Where(row => row.Role == role).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0) return false;
        context.Announce(ChangeTopic.Roles, new Holder(subject).Key);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        table.Doubt();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        subscription?.Dispose();
        table.Dispose();
    }

    /// <summary>The roles that memory knows of, for those who can't wait.</summary>
    internal IReadOnlyList<string> KnownRolesOf(string subject) => table.RolesOf(subject);

    private static IQueryable<RoleGrant> Of(IQueryable<RoleGrant> grants, string? subject)
    {
        if (subject is null) return grants;
        var kind = new Holder(subject).Kind;
        return grants.Where(row => row.HolderKind == kind && row.HolderId == subject);
    }

    private static bool HasEnded(RoleGrant row, DateTimeOffset now) => row.Expires <= now;

    private static GrantedRole ToGranted(RoleGrant row) => new()
    {
        Subject = row.HolderId,
        IsPerson = row.HolderKind == Holder.PersonKind,
        Role = row.Role,
        GrantedBy = row.GrantedBy,
        Created = row.Created,
        Expires = row.Expires,
    };

    private static RoleGrant ToRow(RoleRequest request, DateTimeOffset now) => new()
    {
        Id = Guid.NewGuid(),
        HolderKind = new Holder(request.Subject).Kind,
        HolderId = request.Subject,
        Role = request.Role,
        GrantedBy = request.By,
        Created = now,
        Expires = request.Expires,
    };

    private async Task<IReadOnlyList<string>> ReadRolesAsync(string subject, CancellationToken cancellationToken)
        => [.. (await ListAsync(subject, cancellationToken).ConfigureAwait(false)).Select(grant => grant.Role)];

    // Runs on the feed's task alone.
    private async ValueTask TakeAsync(string? key, CancellationToken cancellationToken)
    {
        var seen = table.Doubts;
        if (key is not null && table.IsLoaded && Holder.TryRead(key, out var subject))
        {
            table.Replace(subject, await ListAsync(subject, cancellationToken).ConfigureAwait(false), seen);
            return;
        }

        table.ReplaceAll(await ListAsync(null, cancellationToken).ConfigureAwait(false), seen);
    }
}
