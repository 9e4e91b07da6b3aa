using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.People;

/// <summary>Where passkeys are kept. Every operation is atomic, also among nodes. Throws <see cref="Storage.StoreException"/> where the database can't be used.</summary>
public interface IPasskeyStore
{
    /// <summary>
    /// Adds a passkey; false where somebody has that credential id already (WebAuthn §7.1 step 22), the person has <paramref name="mostOfSubject"/> of them, or there is no
    /// such person.
    /// </summary>
    /// <param name="passkey">The passkey. Octets or a label that are too long are an <see cref="ArgumentException"/>.</param>
    /// <param name="mostOfSubject">How many a person may have.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<bool> TryAddAsync(Passkey passkey, int mostOfSubject, CancellationToken cancellationToken);

    /// <summary>The passkey of a credential id, or null.</summary>
    Task<Passkey?> FindAsync(ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken);

    /// <summary>A person's passkeys, the oldest first.</summary>
    Task<IReadOnlyList<Passkey>> ListAsync(string subject, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a use down. False, and nothing changed, where another use came between, the passkey is gone, or the counter does not grow without both being 0: then nobody may be
    /// signed in (WebAuthn level 2 §7.2 step 21).
    /// </summary>
    /// <param name="credentialId">Which passkey.</param>
    /// <param name="formerSignCount">The counter that the signature was judged against.</param>
    /// <param name="signCount">The counter that came with the signature.</param>
    /// <param name="isBackedUp">Whether the authenticator says that it is backed up.</param>
    /// <param name="now">The time of the use.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<bool> TryUseAsync(ReadOnlyMemory<byte> credentialId, uint formerSignCount, uint signCount, bool isBackedUp, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes a passkey in the name of its person, as <see cref="ISecondFactors.TryRemoveTotpAsync"/> does; <see cref="FactorRemoval.None"/> where it is gone or somebody else's.</summary>
    Task<FactorRemoval> TryRemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, RoleSet roles, CancellationToken cancellationToken);

    /// <summary>Removes a person's passkey in the name of an operator, be it the last factor; false, and nothing removed, where it is gone or somebody else's.</summary>
    Task<bool> RemoveAsync(string subject, ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken);
}
