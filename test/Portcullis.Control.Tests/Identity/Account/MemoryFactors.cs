using System.Collections.Immutable;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>Second factors in memory.</summary>
internal sealed class MemoryFactors(TimeProvider clock) : ISecondFactors, IPasskeyStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, TotpEnrolment> enrolments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableHashSet<string>> codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Passkey> passkeys = new(StringComparer.Ordinal);

    /// <summary>Whether somebody else's factor comes between asking and setting.</summary>
    public bool IsTakenMeanwhile { get; set; }

    public bool Has(string subject)
    {
        lock (gate) return enrolments.ContainsKey(subject) || passkeys.Values.Any(passkey => passkey.Subject == subject);
    }

    public Task<TotpEnrolment?> FindTotpAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(enrolments.GetValueOrDefault(subject));
    }

    public Task SetTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken)
    {
        lock (gate) enrolments[subject] = new TotpEnrolment(secret, step, clock.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task<bool> TrySetFirstTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (IsTakenMeanwhile || enrolments.ContainsKey(subject) || passkeys.Values.Any(passkey => passkey.Subject == subject)) return Task.FromResult(false);
            enrolments[subject] = new TotpEnrolment(secret, step, clock.GetUtcNow());
            return Task.FromResult(true);
        }
    }

    public Task<bool> TrySpendTotpAsync(string subject, long step, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!enrolments.TryGetValue(subject, out var enrolment) || enrolment.LastStep >= step) return Task.FromResult(false);
            enrolments[subject] = enrolment with { LastStep = step };
            return Task.FromResult(true);
        }
    }

    /// <summary>Who needs a factor by themselves.</summary>
    public Func<string, RoleSet, bool> Needs { get; set; } = static (_, _) => false;

    public Task<FactorRemoval> TryRemoveTotpAsync(string subject, RoleSet roles, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!enrolments.ContainsKey(subject)) return Task.FromResult(FactorRemoval.None);
            if (MustStay(subject, roles)) return Task.FromResult(FactorRemoval.LastOne);
            enrolments.Remove(subject);
            return Task.FromResult(FactorRemoval.Removed);
        }
    }

    public Task<FactorRemoval> TryRemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, RoleSet roles, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var key = Convert.ToHexString(credentialId.Span);
            if (!passkeys.TryGetValue(key, out var passkey) || passkey.Subject != subject) return Task.FromResult(FactorRemoval.None);
            if (MustStay(subject, roles)) return Task.FromResult(FactorRemoval.LastOne);
            passkeys.Remove(key);
            return Task.FromResult(FactorRemoval.Removed);
        }
    }

    private bool MustStay(string subject, RoleSet roles)
        => (enrolments.ContainsKey(subject) ? 1 : 0) + passkeys.Values.Count(passkey => passkey.Subject == subject) <= 1 && Needs(subject, roles);

    public Task<bool> RemoveTotpAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(enrolments.Remove(subject));
    }

    public Task ReplaceRecoveryCodesAsync(string subject, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken)
    {
        lock (gate) codes[subject] = [.. hashes.Select(hash => Convert.ToHexString(hash.Span))];
        return Task.CompletedTask;
    }

    public Task<bool> TrySpendRecoveryCodeAsync(string subject, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var (left, text) = (codes.GetValueOrDefault(subject, []), Convert.ToHexString(hash.Span));
            codes[subject] = left.Remove(text);
            return Task.FromResult(left.Contains(text));
        }
    }

    public Task<int> CountRecoveryCodesAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(codes.GetValueOrDefault(subject, []).Count);
    }

    public Task<bool> TryAddAsync(Passkey passkey, int mostOfSubject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(passkeys.Values.Count(one => one.Subject == passkey.Subject) < mostOfSubject && passkeys.TryAdd(Convert.ToHexString(passkey.CredentialId.Span), passkey));
    }

    public Task<Passkey?> FindAsync(ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(passkeys.GetValueOrDefault(Convert.ToHexString(credentialId.Span)));
    }

    public Task<IReadOnlyList<Passkey>> ListAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<Passkey>>([.. passkeys.Values.Where(passkey => passkey.Subject == subject)]);
    }

    public Task<bool> TryUseAsync(ReadOnlyMemory<byte> credentialId, uint formerSignCount, uint signCount, bool isBackedUp, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var key = Convert.ToHexString(credentialId.Span);
            if (!passkeys.TryGetValue(key, out var passkey) || passkey.SignCount != formerSignCount) return Task.FromResult(false);
            passkeys[key] = passkey with { SignCount = signCount, IsBackedUp = isBackedUp, LastUsed = now };
            return Task.FromResult(true);
        }
    }

    public Task<bool> RemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var key = Convert.ToHexString(credentialId.Span);
            return Task.FromResult(passkeys.TryGetValue(key, out var passkey) && passkey.Subject == subject && passkeys.Remove(key));
        }
    }
}
