namespace Portcullis.Control.Identity.People;

/// <summary>Whether an attempt may be made. The zero value refuses. An attempt that was permitted counts as failed until <see cref="SignInThrottle.Succeeded"/>.</summary>
public readonly record struct SignInPermit
{
    /// <summary>Whether it may be made.</summary>
    public bool IsPermitted { get; internal init; }

    /// <summary>After what time to try again, where it may not: for <c>Retry-After</c>, in whole seconds, at least one.</summary>
    public TimeSpan RetryAfter { get; internal init; }

    /// <summary>Whether a device that the owner signed in from made it.</summary>
    public bool IsKnownDevice { get; internal init; }

    internal IReadOnlyList<(ThrottleLane Lane, UInt128 Key)> Taken { get; init; }
}
