namespace Portcullis.Trust.Passkeys;

/// <summary>What the answer of an authenticator turned out to be. The zero value refuses; only <see cref="Verified"/> does not. For logs: people are told one thing for all.</summary>
public enum PasskeyOutcome
{
    /// <summary>It can't be read.</summary>
    Malformed = 0,

    /// <summary>It is of another ceremony: signing in where registering is expected, or the other way round (WebAuthn §7.1 step 7, §7.2 step 11).</summary>
    WrongType = 1,

    /// <summary>It answers another challenge (§7.1 step 8, §7.2 step 12).</summary>
    WrongChallenge = 2,

    /// <summary>It was given to a page of another origin (§7.1 step 9, §7.2 step 13).</summary>
    WrongOrigin = 3,

    /// <summary>The page was framed by one of another origin.</summary>
    CrossOrigin = 4,

    /// <summary>It is for another relying party (§7.1 step 13, §7.2 step 15).</summary>
    WrongRelyingParty = 5,

    /// <summary>Nobody was there (§7.1 step 14, §7.2 step 16).</summary>
    UserAbsent = 6,

    /// <summary>The authenticator did not check who was there (§7.1 step 15, §7.2 step 17).</summary>
    UserUnverified = 7,

    /// <summary>Its flags contradict each other or the ceremony: a backup of what can't be backed up, no new credential, or one that nobody asked for.</summary>
    FlagsWrong = 8,

    /// <summary>Its key is of a kind that was not offered, or not valid.</summary>
    KeyRefused = 9,

    /// <summary>The signature is not the key's (§7.2 step 20).</summary>
    SignatureWrong = 10,

    /// <summary>The counter did not grow: there may be two of the authenticator (§7.2 step 21). Worth a security event.</summary>
    CounterStuck = 11,

    /// <summary>All of it holds.</summary>
    Verified = 12,
}
