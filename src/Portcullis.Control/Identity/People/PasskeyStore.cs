using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Sealing;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.People;

/// <summary>Passkeys in the database; labels are sealed under their person's own key. Safe from any thread.</summary>
internal sealed class PasskeyStore(Store store, SubjectSealer personal, TimeProvider clock) : IPasskeyStore
{
    private const int LongestCredentialId = 1023;
    private const int LongestPublicKey = 2048;
    private const int LongestLabel = 100;

    /// <inheritdoc/>
    public async Task<bool> TryAddAsync(Passkey passkey, int mostOfSubject, CancellationToken cancellationToken)
    {
        if (passkey.CredentialId.Length is 0 or > LongestCredentialId) throw new ArgumentException($"A credential id has 1 to {LongestCredentialId} octets.", nameof(passkey));
        if (passkey.PublicKey.Length is 0 or > LongestPublicKey) throw new ArgumentException($"A public key has 1 to {LongestPublicKey} octets.", nameof(passkey));
        if (passkey.Label.Length > LongestLabel) throw new ArgumentException($"A label has at most {LongestLabel} characters.", nameof(passkey));
        if (!SubjectId.TryRead(passkey.Subject, out var person)) return false;

        // Looked at before a key would be made for somebody who is not there.
        if (!await store.InPoolAsync(context => context.People.AnyAsync(row => row.Id == person, cancellationToken)).ConfigureAwait(false)) return false;
        var id = Guid.NewGuid();
        if (await Entities.Passkey.Labels.SealAsync(personal, passkey.Subject, id, passkey.Label, cancellationToken).ConfigureAwait(false) is not { } label) return false;
        var row = new Entities.Passkey
        {
            Id = id,
            PersonId = person,
            CredentialId = passkey.CredentialId.ToArray(),
            PublicKey = passkey.PublicKey.ToArray(),
            SignatureCount = passkey.SignCount,
            IsBackedUp = passkey.IsBackedUp,
            Label = label,
            Created = passkey.Created,
            LastUsed = passkey.LastUsed,
        };
        try
        {
            return await store.ChangeAsync(
                person,
                otherwise: false,
                async context =>
                {
                    if (await context.Passkeys.CountAsync(other => other.PersonId == person, cancellationToken).ConfigureAwait(false) >= mostOfSubject) return false;
                    context.Passkeys.Add(row);
                    context.Announce(ChangeTopic.People, passkey.Subject);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException exception) when (exception.InnerException is DbUpdateException cause && store.IsDuplicate(cause))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<Passkey?> FindAsync(ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken)
    {
        if (credentialId.Length is 0 or > LongestCredentialId) return null;
        var octets = credentialId.ToArray();
        var row = await store.InPoolAsync(context => context.Passkeys.SingleOrDefaultAsync(passkey => passkey.CredentialId == octets, cancellationToken)).ConfigureAwait(false);
        return row is null ? null : await OpenAsync(row, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Passkey>> ListAsync(string subject, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person)) return [];
        var rows = await store.InPoolAsync(context => context.Passkeys.Where(passkey => passkey.PersonId == person).OrderBy(passkey => passkey.Created).ThenBy(passkey => passkey.Id).ToListAsync(cancellationToken))
            .ConfigureAwait(false);
        var passkeys = new List<Passkey>(rows.Count);
        foreach (var row in rows) passkeys.Add(await OpenAsync(row, cancellationToken).ConfigureAwait(false));
        return passkeys;
    }

    /// <inheritdoc/>
    public async Task<bool> TryUseAsync(ReadOnlyMemory<byte> credentialId, uint formerSignCount, uint signCount, bool isBackedUp, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (signCount <= formerSignCount && (signCount, formerSignCount) != (0u, 0u)) return false;
        var (octets, former, count) = (credentialId.ToArray(), (long)formerSignCount, (long)signCount);
        return await store.InPoolAsync(context => context.Passkeys
            .Where(passkey => passkey.CredentialId == octets && passkey.SignatureCount == former)
            .ExecuteUpdateAsync(
                set => set.SetProperty(passkey => passkey.SignatureCount, count).SetProperty(passkey => passkey.IsBackedUp, isBackedUp).SetProperty(passkey => passkey.LastUsed, now),
                cancellationToken)).ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public async Task<FactorRemoval> TryRemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, RoleSet roles, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person)) return FactorRemoval.None;
        var octets = credentialId.ToArray();
        return await store.ChangeAsync(
            person,
            otherwise: FactorRemoval.None,
            async context =>
            {
                var found = context.Passkeys.Where(passkey => passkey.PersonId == person && passkey.CredentialId == octets);
                if (!await found.AnyAsync(cancellationToken).ConfigureAwait(false)) return FactorRemoval.None;
                if (await LastFactor.MustStayAsync(context, person, roles, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false)) return FactorRemoval.LastOne;
                await found.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                context.Announce(ChangeTopic.People, subject);
                return FactorRemoval.Removed;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person)) return false;
        var octets = credentialId.ToArray();
        return await store.ChangeAsync(
            person,
            otherwise: false,
            async context =>
            {
                if (await context.Passkeys.Where(passkey => passkey.PersonId == person && passkey.CredentialId == octets).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0) return false;
                context.Announce(ChangeTopic.People, subject);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<Passkey> OpenAsync(Entities.Passkey row, CancellationToken cancellationToken)
    {
        var subject = SubjectId.Of(row.PersonId);
        return new Passkey
        {
            CredentialId = row.CredentialId,
            Subject = subject,
            PublicKey = row.PublicKey,
            Label = await Entities.Passkey.Labels.OpenAsync(personal, subject, row.Id, row.Label, cancellationToken).ConfigureAwait(false) ?? string.Empty,
            SignCount = (uint)row.SignatureCount,
            IsBackedUp = row.IsBackedUp,
            Created = row.Created,
            LastUsed = row.LastUsed,
        };
    }
}
