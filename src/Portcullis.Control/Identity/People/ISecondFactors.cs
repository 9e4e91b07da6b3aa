using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// One-time codes and recovery codes of people. Each use is one conditional change, so of several at once, also on different nodes, one wins. A subject is
/// <see cref="Person.Id"/>; one that nobody has reads as without factors. Every method throws <see cref="Storage.StoreException"/> where the database can't be
/// used: nobody is let in then.
/// </summary>
public interface ISecondFactors
{
    /// <summary>The person's generator; null where there is none. One that can't be opened, since its key is gone, is an error and not the lack of one.</summary>
    Task<TotpEnrolment?> FindTotpAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Puts a verified secret in the place of any other one.</summary>
    /// <param name="subject">Whose it is; the person must be there.</param>
    /// <param name="secret">The secret; it is sealed before it is stored.</param>
    /// <param name="step">The time step of the code that proved it: that code is spent.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task SetTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a verified secret to who has no second factor of any kind; false, and nothing changed, where they have one by now: what a password alone may do must not put another
    /// in its place. Of several at once one succeeds.
    /// </summary>
    /// <inheritdoc cref="SetTotpAsync"/>
    Task<bool> TrySetFirstTotpAsync(string subject, Secret secret, long step, CancellationToken cancellationToken);

    /// <summary>Spends the code of a time step; false where that or a later one was used before, or the secret is gone (RFC 6238 §5.2).</summary>
    Task<bool> TrySpendTotpAsync(string subject, long step, CancellationToken cancellationToken);

    /// <summary>Takes the generator away in the name of its person, but not the last factor of who needs one. One change: of two at once, of passkeys too, the last one stays.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="roles">The roles that are defined, by which a person may need a factor.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<FactorRemoval> TryRemoveTotpAsync(string subject, RoleSet roles, CancellationToken cancellationToken);

    /// <summary>Takes the generator away in the name of an operator, be it the last factor; false where there was none.</summary>
    Task<bool> RemoveTotpAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Puts a new set of recovery codes in the place of the former one, as a whole. An empty set takes them away.</summary>
    /// <param name="subject">Whose they are; the person must be there.</param>
    /// <param name="hashes">Their hashes, as <c>Portcullis.Trust.OneTimeCodes.RecoveryCodes</c> makes them: 32 octets each, at most 100.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task ReplaceRecoveryCodesAsync(string subject, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken);

    /// <summary>Spends the recovery code of that hash; false where there is none, or it was spent.</summary>
    Task<bool> TrySpendRecoveryCodeAsync(string subject, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>How many recovery codes are left.</summary>
    Task<int> CountRecoveryCodesAsync(string subject, CancellationToken cancellationToken);
}
