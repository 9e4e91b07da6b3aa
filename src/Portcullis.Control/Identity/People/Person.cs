namespace Portcullis.Control.Identity.People;

/// <summary>What signing in needs to know of a person.</summary>
public sealed record Person
{
    /// <summary>The subject of sessions and tokens; never given to another person.</summary>
    public required string Id { get; init; }

    /// <summary>The name to sign in with, as <see cref="SignInName"/> writes it.</summary>
    public required string Name { get; init; }

    /// <summary>The stored hash of the password; null where there is none, as for those with passkeys alone.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Whether they may not sign in.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether a second factor is enrolled, which must follow the password.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>Device cookies from before are no longer good. The time of the last change of the password or of disabling.</summary>
    public DateTimeOffset DevicesSince { get; init; }

    /// <summary>The person without the hash.</summary>
    public override string ToString() => $"person {Id}";
}
