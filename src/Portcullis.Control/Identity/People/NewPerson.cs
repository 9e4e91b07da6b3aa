namespace Portcullis.Control.Identity.People;

/// <summary>A person to be added.</summary>
public sealed record NewPerson
{
    /// <summary>Longest display name, in characters.</summary>
    public const int LongestDisplayName = 200;

    /// <summary>The subject: 32 lower-case hexadecimal digits, random, never given to another person.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The name to sign in with, as <see cref="SignInName"/> writes it. None that has the form of a subject.</summary>
    public required string Name { get; init; }

    /// <summary>The name that is shown, at most <see cref="LongestDisplayName"/> characters; null: the name to sign in with.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The stored hash of the password; null for who will have passkeys alone.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Until when the password can be used, and that its person has to change it at the first sign-in; null: it is theirs to keep.</summary>
    public DateTimeOffset? PasswordTemporaryUntil { get; init; }

    /// <summary>The tenant that they belong to; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Whether signing in takes a second factor, which is enrolled at the first sign-in.</summary>
    public bool RequiresMfa { get; init; }

    /// <summary>The person without names and hash.</summary>
    public override string ToString() => $"new person {Id}";
}
