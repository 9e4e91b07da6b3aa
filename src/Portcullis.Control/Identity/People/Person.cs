namespace Portcullis.Control.Identity.People;

/// <summary>What signing in needs to know of a person.</summary>
public sealed record Person
{
    /// <summary>The subject of sessions and tokens; never given to another person. In the database's form 32 lower-case hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name to sign in with, as <see cref="SignInName"/> writes it; empty where the person's key is gone, so that nobody can read it any more.</summary>
    public required string Name { get; init; }

    /// <summary>The name that is shown; null where there is none or it can't be read, and where the person was found by name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The stored hash of the password; null where there is none, as for those with passkeys alone.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>When the password was last set; null where there is none.</summary>
    public DateTimeOffset? PasswordChanged { get; init; }

    /// <summary>
    /// Until when the password, which an operator set, can be used to set another one in its place: it gives no session before. Null for a password that its person chose.
    /// </summary>
    public DateTimeOffset? PasswordTemporaryUntil { get; init; }

    /// <summary>Whether they may not sign in. So it is for those whose key was destroyed.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether a second factor is enrolled, which must follow the password: a generator of codes or a passkey.</summary>
    public bool HasSecondFactor { get; init; }

    /// <summary>Whether signing in takes a second factor, whatever their roles ask for (<see cref="FactorRule"/>). Where none is enrolled, enrolling one comes before anything else.</summary>
    public bool RequiresMfa { get; init; }

    /// <summary>The tenant that they belong to; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Device cookies from before are no longer good. The time of the last change of the password or of disabling.</summary>
    public DateTimeOffset DevicesSince { get; init; }

    /// <summary>When they were added.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The person without names and hash.</summary>
    public override string ToString() => $"person {Id}";
}
