namespace Portcullis.Control.Identity.People;

/// <summary>The outcome of a sign-in with a password. The zero value refuses.</summary>
public readonly record struct SignInResult
{
    /// <summary>What came of it.</summary>
    public SignInOutcome Outcome { get; internal init; }

    /// <summary>Who it is; only where the password is right.</summary>
    public Person? Person { get; internal init; }

    /// <summary>When to try again, where the outcome is <see cref="SignInOutcome.Throttled"/>.</summary>
    public TimeSpan RetryAfter { get; internal init; }

    /// <summary>Whether it came from a device that the person signed in from before.</summary>
    public bool IsKnownDevice => Device is not null;

    /// <summary>That device, for <see cref="SignInThrottle.BeginCode"/>; null for a stranger's.</summary>
    public string? Device { get; internal init; }

    internal SignInPermit Permit { get; init; }
}
