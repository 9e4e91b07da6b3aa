using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage.Entities;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>The wrapped keys of persons in the database. A destroyed one leaves its row without the key. Safe from any thread.</summary>
internal sealed class SubjectKeyStore(Store store, TimeProvider clock) : ISubjectKeyStore
{
    private const int LongestWrapped = 128;

    /// <inheritdoc/>
    public async ValueTask<byte[]?> FindAsync(string subject, CancellationToken cancellationToken)
    {
        var id = IdOf(subject);
        var row = await store.InPoolAsync(context => context.SubjectKeys.SingleOrDefaultAsync(key => key.SubjectId == id, cancellationToken)).ConfigureAwait(false);
        return row switch
        {
            null => null,
            { Destroyed: null, Key: { } key } => key.ToArray(),
            _ => [],
        };
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryAddAsync(string subject, byte[] wrapped, CancellationToken cancellationToken)
    {
        if (wrapped.Length is 0 or > LongestWrapped) throw new ArgumentException($"A wrapped key has 1 to {LongestWrapped} octets.", nameof(wrapped));
        return await TryInsertAsync(new SubjectKey { SubjectId = IdOf(subject), Key = Sealed.FromEnvelope(wrapped), Created = clock.GetUtcNow() }, subject: null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DestroyAsync(string subject, CancellationToken cancellationToken)
    {
        var id = IdOf(subject);
        while (true)
        {
            if (await TryDestroyAsync(id, subject, cancellationToken).ConfigureAwait(false))
            {
                // What was there lies in the journal, or in dead rows, until somebody tidies up: not for a key.
                await store.ScrubAsync("subject_keys", cancellationToken).ConfigureAwait(false);
                return true;
            }

            if (await FindAsync(subject, cancellationToken).ConfigureAwait(false) is { } present)
            {
                if (present.Length == 0) return false;
                continue;
            }

            var now = clock.GetUtcNow();
            if (await TryInsertAsync(new SubjectKey { SubjectId = id, Created = now, Destroyed = now }, subject, cancellationToken).ConfigureAwait(false)) return true;
        }
    }

    private static Guid IdOf(string subject) => SubjectId.TryRead(subject, out var id) ? id : throw new ArgumentException("A subject of the database has 32 lower-case hexadecimal digits.", nameof(subject));

    private Task<bool> TryDestroyAsync(Guid id, string subject, CancellationToken cancellationToken) => store.InTransactionAsync(
        async context =>
        {
            var now = clock.GetUtcNow();
            var destroyed = await context.SubjectKeys
                .Where(key => key.SubjectId == id && key.Destroyed == null)
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.Key, (Sealed?)null).SetProperty(key => key.Destroyed, now), cancellationToken).ConfigureAwait(false);
            if (destroyed == 0) return false;
            context.Announce(ChangeTopic.Keys, subject);
            context.Announce(ChangeTopic.People, subject);
            return true;
        },
        cancellationToken);

    private Task<bool> TryInsertAsync(SubjectKey row, string? subject, CancellationToken cancellationToken) => store.InPoolAsync(async context =>
    {
        context.SubjectKeys.Add(row);
        if (subject is not null) context.Announce(ChangeTopic.Keys, subject);
        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DbUpdateException exception) when (store.IsDuplicate(exception))
        {
            return false;
        }
    });
}
