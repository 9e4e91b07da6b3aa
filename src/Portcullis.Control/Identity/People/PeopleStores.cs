using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Identity.People;

/// <summary>The stores of people and of what is theirs, over one database and one key ring. Neither is disposed with them. Safe from any thread.</summary>
public sealed class PeopleStores : IDisposable
{
    private readonly Store store;

    /// <param name="store">The database.</param>
    /// <param name="ring">The key ring; it has a policy for <see cref="KeyPurpose.Data"/>.</param>
    /// <param name="clock">Gives the times that are stored, and the age of opened keys.</param>
    public PeopleStores(Store store, KeyRing ring, TimeProvider clock)
    {
        this.store = store;
        Sealer = new Sealer(ring, KeyPurpose.Data);
        Personal = new SubjectSealer(Sealer, new SubjectKeyStore(store, clock), clock);
        People = new PersonStore(store, Personal, Sealer, new NameHash(new StoredSecrets(store, Sealer, clock)), clock);
        Factors = new SecondFactors(store, Sealer, clock);
        Passkeys = new PasskeyStore(store, Personal, clock);
        Sessions = new SessionStore(store, Personal);
    }

    /// <summary>Seals under the ring's data key.</summary>
    public Sealer Sealer { get; }

    /// <summary>Seals under persons' own keys. Destroying one erases what is personal of theirs.</summary>
    public SubjectSealer Personal { get; }

    /// <summary>People.</summary>
    public IPersonStore People { get; }

    /// <summary>One-time codes and recovery codes.</summary>
    public ISecondFactors Factors { get; }

    /// <summary>Passkeys.</summary>
    public IPasskeyStore Passkeys { get; }

    /// <summary>Sessions.</summary>
    public SessionStore Sessions { get; }

    /// <summary>Every sealed column of the database, for sealing anew after a rotation.</summary>
    public IReadOnlyList<ISealedStore> SealedColumns() => Storage.SealedColumns.StoresOf(store);

    /// <inheritdoc/>
    public void Dispose() => Personal.Dispose();
}
