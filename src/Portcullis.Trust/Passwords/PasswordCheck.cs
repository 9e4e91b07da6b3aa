namespace Portcullis.Trust.Passwords;

/// <summary>What came of checking a password. The zero value refuses.</summary>
public enum PasswordCheck
{
    /// <summary>Not the password, or there is none to compare with.</summary>
    Wrong = 0,

    /// <summary>Nothing was checked: too many checks wait already. Answer 503 and count no failure.</summary>
    Busy = 1,

    /// <summary>The password.</summary>
    Right = 2,

    /// <summary>The password, but hashed at another cost than today's: hash it anew and store that.</summary>
    RightButStale = 3,
}
