using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Revocation = Portcullis.Gateway.Identity.Revocations.Revocation;

namespace Portcullis.Control.Identity;

/// <summary>
/// The clients of the token service in the database. A node keeps all of them in memory, so that an unknown id costs no more time than a known one, and
/// follows changes by <see cref="ChangeFeed"/>. Whenever the feed is not current the database itself is asked.
/// </summary>
public sealed class ClientStore : IClientStore, IDisposable
{
    /// <summary>Most clients; some 40 MB in memory. One more is refused.</summary>
    public const int MostClients = 100_000;

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly ChangeFeed? changes;
    private readonly IDisposable? subscription;
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ConcurrentDictionary<string, OAuthClient>? known;
    private volatile ConcurrentDictionary<string, OAuthClient>? latest;
    private long version;

    /// <param name="store">The database.</param>
    /// <param name="clock">Gives the time of a client's making.</param>
    /// <param name="changes">The node's feed; null in a process that ends soon and asks the database each time.</param>
    public ClientStore(Store store, TimeProvider clock, ChangeFeed? changes = null)
    {
        this.store = store;
        this.clock = clock;
        this.changes = changes;
        subscription = changes?.Subscribe(ChangeTopic.Clients, TakeAsync);
    }

    /// <summary>Changes within a second of any client's.</summary>
    internal long Version => Volatile.Read(ref version);

    /// <summary>Completes when all clients are in memory. Faults never; without a feed it never completes.</summary>
    internal Task Loaded => loaded.Task;

    /// <inheritdoc/>
    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
        => known is { } all && changes is { IsCurrent: true } ? new(all.GetValueOrDefault(id)) : new(Task.Run(() => ReadAsync(id, cancellationToken), cancellationToken));

    /// <summary>All clients, by id.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyList<OAuthClient>> ListAsync(CancellationToken cancellationToken = default)
    {
        var rows = await store.UseAsync(context => context.Clients.ToListAsync(cancellationToken)).ConfigureAwait(false);
        return [.. rows.Select(ToClient).OrderBy(client => client.Id, StringComparer.Ordinal)];
    }

    /// <summary>Adds a client whose permissions nothing speaks against; false where the id is taken.</summary>
    /// <exception cref="StoreException">The database can't be written, or has no room for more clients.</exception>
    public async Task<bool> TryAddAsync(OAuthClient client, CancellationToken cancellationToken = default)
        => (await AddAsync(client, RoleSet.Empty, cancellationToken).ConfigureAwait(false)).IsAdded;

    /// <summary>
    /// Adds a client, where its permissions and the roles that its id may hold join no duties that are separated. What is not added has a refusal, for whoever adds; without one
    /// the id is taken.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="roles">The roles that there are, with the permissions that exclude each other.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StoreException">The database can't be written, or has no room for more clients.</exception>
    public Task<(bool IsAdded, string? Refusal)> AddAsync(OAuthClient client, RoleSet roles, CancellationToken cancellationToken = default) => store.UseAsync<(bool, string?)>(async context =>
    {
        // In turn with whoever grants roles to what has this id.
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var held = await context.RoleGrants.Where(row => row.HolderKind == Holder.ClientKind && row.HolderId == client.Id && (row.Expires == null || row.Expires > now))
            .Select(row => row.Role).ToListAsync(cancellationToken).ConfigureAwait(false);
        if (roles.Conflict(held, client.Permissions) is { } conflict) return (false, conflict.Text);
        if (await context.Clients.CountAsync(cancellationToken).ConfigureAwait(false) >= MostClients)
            throw new StoreException($"{store.Place} has {MostClients} clients, which is the most", "remove clients that are no longer used");
        context.Clients.Add(ToRow(client, now));
        context.Announce(ChangeTopic.Clients, client.Id);
        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (store.IsDuplicate(exception))
        {
            return (false, null);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        known = null;
        return (true, null);
    });

    /// <summary>
    /// Stops a client, its access tokens too within a second, or lets it get tokens again; false where there is none of that id. Its grants stay, and can be
    /// refreshed once it is let again.
    /// </summary>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public Task<bool> TrySetDisabledAsync(string id, bool isDisabled, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        if (await context.Clients.AsTracking().SingleOrDefaultAsync(client => client.Id == id, cancellationToken).ConfigureAwait(false) is not { } row) return false;
        row.IsDisabled = isDisabled;
        if (isDisabled) context.Revocations.Add(GrantRows.ToRow(new Revocation(RevocationKind.Client, id, clock.GetUtcNow() + GrantStore.NoticeTime)));
        context.Announce(ChangeTopic.Clients, id);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        known = null;
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => subscription?.Dispose();

    /// <summary>The client as memory knew it last, for those who can't wait.</summary>
    internal OAuthClient? FindKnown(string id) => latest?.GetValueOrDefault(id);

    /// <summary>The row of a client.</summary>
    internal static Client ToRow(OAuthClient client, DateTimeOffset created) => new()
    {
        Id = client.Id,
        SecretHash = client.SecretHash.ToArray(),
        Permissions = string.Join(' ', client.Permissions),
        IsDisabled = client.IsDisabled,
        Created = created,
        Authentication = client.Authentication,
        Grants = string.Join(' ', client.Grants),
        RedirectUris = string.Join(' ', client.RedirectUris),
        Keys = client.Keys.IsEmpty ? null : client.Keys.ToArray(),
        KeysUri = client.KeysUri?.AbsoluteUri,
        ExchangeAudiences = string.Join(' ', client.ExchangeAudiences),
        Certificate = client.Certificate,
        Tenant = client.Tenant,
    };

    private static OAuthClient ToClient(Client row) => new(row.Id, row.SecretHash, Words(row.Permissions), row.IsDisabled)
    {
        Authentication = row.Authentication,
        Grants = Words(row.Grants),
        RedirectUris = Words(row.RedirectUris),
        Keys = row.Keys,
        KeysUri = row.KeysUri is null ? null : new Uri(row.KeysUri),
        ExchangeAudiences = Words(row.ExchangeAudiences),
        Certificate = row.Certificate,
        Tenant = row.Tenant,
    };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private async Task<OAuthClient?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var row = await store.UseAsync(context => context.Clients.SingleOrDefaultAsync(client => client.Id == id, cancellationToken)).ConfigureAwait(false);
        return row is null ? null : ToClient(row);
    }

    // Runs on the feed's task alone. A change of our own sets known to null; whichever way that falls between, its notice comes after.
    private async ValueTask TakeAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is not null && known is { } all)
        {
            if (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is { } client) all[id] = client;
            else all.TryRemove(id, out _);
            Interlocked.Increment(ref version);
            return;
        }

        known = null;
        var rows = await ListAsync(cancellationToken).ConfigureAwait(false);
        known = latest = new(rows.Select(client => KeyValuePair.Create(client.Id, client)), StringComparer.Ordinal);
        Interlocked.Increment(ref version);
        loaded.TrySetResult();
    }
}
