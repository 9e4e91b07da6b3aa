using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Trust.ApiKeys;
using Portcullis.Trust.Sealing;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>API keys in the database, for those who make, list and revoke them. Nodes find keys by <see cref="ApiKeyDirectory"/>.</summary>
/// <param name="store">The database.</param>
/// <param name="sealer">Seals labels, which people write.</param>
/// <param name="clock">Tells what has expired.</param>
public sealed class ApiKeyStore(Store store, Sealer sealer, TimeProvider clock)
{
    /// <summary>Most keys that count; some 60 MB in memory. One more is refused.</summary>
    public const int MostKeys = 100_000;

    /// <summary>Most keys that count of one person or client; one more is refused.</summary>
    public const int MostOfHolder = 50;

    /// <summary>Longest label, in characters.</summary>
    public const int LongestLabel = 100;

    /// <summary>How long keys that no longer count are listed.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(400);

    /// <summary>Adds a key; null where it is added, else why not, for whoever asked.</summary>
    /// <exception cref="StoreException">The database can't be written, or has no room for more keys.</exception>
    public Task<string?> AddAsync(ApiKey key, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        if (key.Label.Length is 0 or > LongestLabel) throw new ArgumentException($"A label has 1 to {LongestLabel} characters.", nameof(key));
        var now = clock.GetUtcNow();
        var holder = new Holder(key.Subject);
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        if (await HolderRow.LockAsync(context, key.Subject, cancellationToken).ConfigureAwait(false) is null) return $"there is no person or client {key.Subject}";

        var counting = context.ApiKeys.Where(row => row.Revoked == null && row.Expires > now);
        if (await counting.CountAsync(row => row.HolderKind == holder.Kind && row.HolderId == holder.Subject, cancellationToken).ConfigureAwait(false) >= MostOfHolder)
            return $"{key.Subject} has {MostOfHolder} keys, which is the most";
        if (await counting.CountAsync(cancellationToken).ConfigureAwait(false) >= MostKeys)
            throw new StoreException($"{store.Place} has {MostKeys} API keys, which is the most", "revoke keys that are no longer used");

        var forgotten = now - Remembered;
        await context.ApiKeys.Where(row => row.Revoked < forgotten || row.Expires < forgotten).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        context.ApiKeys.Add(ToRow(key, holder, sealer));
        context.Announce(ChangeTopic.ApiKeys, key.Id);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return null;
    });

    /// <summary>The keys of one holder, or all, by holder and time of making; revoked and expired ones too.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(string? subject = null, CancellationToken cancellationToken = default)
    {
        var rows = await store.UseAsync(context => (subject is null ? context.ApiKeys : context.ApiKeys.Where(row => row.HolderId == subject)).ToListAsync(cancellationToken)).ConfigureAwait(false);
        return [.. rows.Select(ToKey).OrderBy(key => key.Subject, StringComparer.Ordinal).ThenBy(key => key.Created)];
    }

    /// <summary>The id of the key of that hash, whether it counts or not; null where there is none.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public Task<string?> FindIdAsync(byte[] hash, CancellationToken cancellationToken = default)
        => store.UseAsync(context => context.ApiKeys.Where(row => row.Hash == hash).Select(row => row.Prefix).SingleOrDefaultAsync(cancellationToken));

    /// <summary>Takes a key back; false where there is none of that id that was not taken back before.</summary>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public Task<bool> RevokeAsync(string id, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        var now = clock.GetUtcNow();
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        var found = context.ApiKeys.Where(row => row.Prefix == id && row.Revoked == null);
        if (await found.ExecuteUpdateAsync(row => row.SetProperty(key => key.Revoked, now), cancellationToken).ConfigureAwait(false) == 0) return false;
        context.Announce(ChangeTopic.ApiKeys, id);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    private static Entities.ApiKey ToRow(ApiKey key, Holder holder, Sealer sealer)
    {
        var id = Guid.NewGuid();
        return new()
        {
            Id = id,
            Prefix = key.Id,
            Hash = key.Hash.ToArray(),
            HolderKind = holder.Kind,
            HolderId = holder.Subject,
            Scope = string.Join(' ', key.Permissions),
            Label = Entities.ApiKey.Labels.Seal(sealer, id, key.Label),
            Created = key.Created,
            Expires = key.Expires,
        };
    }

    private ApiKey ToKey(Entities.ApiKey row)
    {
        // A label whose key was destroyed is gone; the key itself is not.
        string? label = null;
        if (row.Label is { } value) Entities.ApiKey.Labels.OpenText(sealer, row.Id, value, out label);
        return new()
        {
            Id = row.Prefix,
            Hash = row.Hash,
            Subject = row.HolderId,
            Label = label ?? string.Empty,
            Permissions = row.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Created = row.Created,
            Expires = row.Expires ?? row.Created,
            IsRevoked = row.Revoked is not null,
            LastUsed = row.LastUsed is { } used ? DateOnly.FromDateTime(used.UtcDateTime) : null,
        };
    }
}
