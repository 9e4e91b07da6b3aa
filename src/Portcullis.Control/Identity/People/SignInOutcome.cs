namespace Portcullis.Control.Identity.People;

/// <summary>What came of a sign-in with a password. The zero value refuses.</summary>
public enum SignInOutcome
{
    /// <summary>Not this password, or no such person, or a disabled one: one answer for all, in the same time (OWASP ASVS 5, 6.3.8).</summary>
    Refused = 0,

    /// <summary>Nothing was looked at: too many attempts. Answer 429 with <c>Retry-After</c>.</summary>
    Throttled = 1,

    /// <summary>Nothing was looked at: too much to compute. Answer 503.</summary>
    Busy = 2,

    /// <summary>The password is right, and the second factor must follow. Nobody is signed in yet.</summary>
    SecondFactorNeeded = 3,

    /// <summary>Signed in, once <see cref="PasswordSignIn.Complete"/> was called.</summary>
    Accepted = 4,

    /// <summary>The password is right, but was set by an operator and not used in its time. Nobody is signed in by it any more; who has it may be told so.</summary>
    Expired = 5,
}
