using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Identity.People;

/// <summary>One-time codes and recovery codes in the database; secrets are sealed under the ring's data key. Safe from any thread.</summary>
internal sealed class SecondFactors(Store store, Sealer sealer, TimeProvider clock) : ISecondFactors
{
    private const int MostCodes = 100;
    private const int HashSize = 32;

    /// <inheritdoc/>
    public async Task<TotpEnrolment?> FindTotpAsync(string subject, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person)) return null;
        var row = await store.InPoolAsync(context => context.TotpSecrets.SingleOrDefaultAsync(totp => totp.PersonId == person, cancellationToken)).ConfigureAwait(false);
        if (row is null) return null;

        // Without an error here a lost key would look like a person without a factor, and let a password alone in.
        if (TotpSecret.Secrets.Open(sealer, person, row.Secret, out var opened) != UnsealOutcome.Opened || opened is null)
            throw new StoreException($"the one-time code secret of person {subject} does not open", "restore the key ring, or let the person enrol anew: portcullis user reset-mfa");
        var secret = Secret.FromBytes(opened);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(opened);
        return new TotpEnrolment(secret, row.LastStep, row.Enrolled);
    }

    /// <inheritdoc/>
    public Task SetTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken)
    {
        var person = PersonOf(subject);
        var row = Row(person, secret, step);
        return ChangeAsync(
            subject,
            person,
            async context =>
            {
                await context.TotpSecrets.Where(totp => totp.PersonId == person).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                context.TotpSecrets.Add(row);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> TrySetFirstTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken)
    {
        var person = PersonOf(subject);
        var row = Row(person, secret, step);
        return store.ChangeAsync(
            person,
            otherwise: false,
            async context =>
            {
                // The person's row is held until the commit, also by who adds a passkey.
                if (await context.TotpSecrets.AnyAsync(totp => totp.PersonId == person, cancellationToken).ConfigureAwait(false)
                    || await context.Passkeys.AnyAsync(passkey => passkey.PersonId == person, cancellationToken).ConfigureAwait(false)) return false;
                context.TotpSecrets.Add(row);
                context.Announce(ChangeTopic.People, subject);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> TrySpendTotpAsync(string subject, long step, CancellationToken cancellationToken)
        => SubjectId.TryRead(subject, out var person) && await store.InPoolAsync(context => context.TotpSecrets
            .Where(totp => totp.PersonId == person && totp.LastStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(totp => totp.LastStep, step), cancellationToken)).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task<FactorRemoval> TryRemoveTotpAsync(string subject, RoleSet roles, CancellationToken cancellationToken)
        => !SubjectId.TryRead(subject, out var person) ? FactorRemoval.None : await store.ChangeAsync(
            person,
            otherwise: FactorRemoval.None,
            async context =>
            {
                if (!await context.TotpSecrets.AnyAsync(totp => totp.PersonId == person, cancellationToken).ConfigureAwait(false)) return FactorRemoval.None;
                if (await LastFactor.MustStayAsync(context, person, roles, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false)) return FactorRemoval.LastOne;
                await context.TotpSecrets.Where(totp => totp.PersonId == person).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                context.Announce(ChangeTopic.People, subject);
                return FactorRemoval.Removed;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<bool> RemoveTotpAsync(string subject, CancellationToken cancellationToken)
        => SubjectId.TryRead(subject, out var person) && await store.ChangeAsync(
            person,
            otherwise: false,
            async context =>
            {
                if (await context.TotpSecrets.Where(totp => totp.PersonId == person).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0) return false;
                context.Announce(ChangeTopic.People, subject);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task ReplaceRecoveryCodesAsync(string subject, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken)
    {
        if (hashes.Count > MostCodes) throw new ArgumentException($"A set has at most {MostCodes} codes.", nameof(hashes));
        if (hashes.Any(hash => hash.Length != HashSize)) throw new ArgumentException($"A hash has {HashSize} octets.", nameof(hashes));
        var person = PersonOf(subject);
        var now = clock.GetUtcNow();
        return ChangeAsync(
            subject,
            person,
            async context =>
            {
                await context.RecoveryCodes.Where(code => code.PersonId == person).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                context.RecoveryCodes.AddRange(hashes.Select(hash => new RecoveryCode { PersonId = person, Hash = hash.ToArray(), Created = now }));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> TrySpendRecoveryCodeAsync(string subject, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person) || hash.Length != HashSize) return false;
        var octets = hash.ToArray();
        return await store.InPoolAsync(context => context.RecoveryCodes.Where(code => code.PersonId == person && code.Hash == octets).ExecuteDeleteAsync(cancellationToken))
            .ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public async Task<int> CountRecoveryCodesAsync(string subject, CancellationToken cancellationToken)
        => SubjectId.TryRead(subject, out var person)
            ? await store.InPoolAsync(context => context.RecoveryCodes.CountAsync(code => code.PersonId == person, cancellationToken)).ConfigureAwait(false)
            : 0;

    private TotpSecret Row(Guid person, Secret secret, long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return new TotpSecret { PersonId = person, Secret = TotpSecret.Secrets.Seal(sealer, person, secret.RevealBytes()), LastStep = step, Enrolled = clock.GetUtcNow() };
    }

    private static Guid PersonOf(string subject) => SubjectId.TryRead(subject, out var person) ? person : throw Unknown(subject);

    private static StoreException Unknown(string subject) => new($"there is no person {subject}", "portcullis user list shows them");

    private async Task ChangeAsync(string subject, Guid person, Func<StoreContext, Task> change, CancellationToken cancellationToken)
    {
        var isChanged = await store.ChangeAsync(
            person,
            otherwise: false,
            async context =>
            {
                await change(context).ConfigureAwait(false);
                context.Announce(ChangeTopic.People, subject);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (!isChanged) throw Unknown(subject);
    }
}
