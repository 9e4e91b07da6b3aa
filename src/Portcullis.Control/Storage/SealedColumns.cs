using Portcullis.Control.Storage.Entities;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>Every column that is sealed under the ring's data key, for sealing anew after a rotation. A test compares it with the tables.</summary>
internal static class SealedColumns
{
    /// <summary>
    /// The columns. Keys of persons come first: as long as one of them lies under an old key, all that is that person's does. Not among them is what is sealed under something
    /// else than the ring: successors of refresh tokens, under the spent token.
    /// </summary>
    public static IReadOnlyList<SealedColumn> All { get; } = [SubjectKey.Keys, StoredSecret.Values, TotpSecret.Secrets, Person.PasswordHashes, ApiKey.Labels, AccessReview.AllFindings];

    /// <summary>The stores of a database for <see cref="Resealer"/>.</summary>
    public static IReadOnlyList<ISealedStore> StoresOf(Store store) => [.. All.Select(column => new SealedColumnStore(store, column))];
}
