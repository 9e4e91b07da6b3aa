namespace Portcullis.Control.Identity.People;

/// <summary>
/// Where people are kept. Every operation is atomic, also among nodes, and tells the other nodes within a second. An id that nobody has reads as nobody. Throws
/// <see cref="Storage.StoreException"/> where the database can't be used.
/// </summary>
public interface IPersonStore
{
    /// <summary>
    /// The person with this name (see <see cref="SignInName"/>), or null. Takes the same time for both, as an indexed look-up does; that is why
    /// <see cref="Person.DisplayName"/> is not opened here.
    /// </summary>
    Task<Person?> FindByNameAsync(string name, CancellationToken cancellationToken);

    /// <summary>The person of a subject, or null.</summary>
    Task<Person?> FindByIdAsync(string id, CancellationToken cancellationToken);

    /// <summary>All people, by name.</summary>
    Task<IReadOnlyList<Person>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Adds a person; false where the name is taken, be it by one who is disabled.</summary>
    Task<bool> TryAddAsync(NewPerson person, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the stored hash where it is still the expected one; false where it was changed meanwhile. For the same password at another cost: sessions
    /// and devices stay.
    /// </summary>
    Task<bool> TryReplaceHashAsync(string id, string expected, string replacement, CancellationToken cancellationToken);

    /// <summary>
    /// Sets a new password. Devices are no longer known; <see cref="Standing"/> ends the rest, which is the caller's to ask for. False where the stored hash was changed
    /// meanwhile, or there is no such person.
    /// </summary>
    /// <param name="id">Whose password.</param>
    /// <param name="expectedHash">The hash that the person's present password was judged by; null: whatever there is, as for an operator's reset.</param>
    /// <param name="hash">The hash of the new password.</param>
    /// <param name="temporaryUntil">Until when it can be used, and that its person has to change it; null: it is theirs to keep.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<bool> TrySetPasswordAsync(string id, string? expectedHash, string hash, DateTimeOffset? temporaryUntil, CancellationToken cancellationToken);

    /// <summary>
    /// Moves a person to another tenant, or to none. In the same transaction their sessions end and all of their access tokens are revoked, which tell the former one; <see cref="Standing"/>
    /// ends grants. False, and nothing ended, where they belong to it already or there is no such person.
    /// </summary>
    Task<bool> TrySetTenantAsync(string id, string? tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Disables a person, whose sessions end in the same transaction, or lets them sign in again. False where there is no such person. <see cref="Standing"/> ends grants and tokens.
    /// </summary>
    Task<bool> SetDisabledAsync(string id, bool isDisabled, CancellationToken cancellationToken);
}
