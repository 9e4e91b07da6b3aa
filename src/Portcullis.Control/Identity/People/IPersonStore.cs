namespace Portcullis.Control.Identity.People;

/// <summary>Where people are kept, as far as signing in needs it.</summary>
public interface IPersonStore
{
    /// <summary>The person with this name (see <see cref="SignInName"/>), or null. Takes the same time for both, as an indexed look-up does.</summary>
    Task<Person?> FindByNameAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the stored hash where it is still the expected one; false where it was changed meanwhile. For the same password at another cost: sessions
    /// and devices stay.
    /// </summary>
    Task<bool> TryReplaceHashAsync(string id, string expected, string replacement, CancellationToken cancellationToken);
}
