namespace Portcullis.Trust.Passwords;

/// <summary>Why a new password is refused.</summary>
public enum PasswordFault
{
    /// <summary>Nothing was typed.</summary>
    Empty = 0,

    /// <summary>Too few characters.</summary>
    TooShort = 1,

    /// <summary>Too many characters.</summary>
    TooLong = 2,

    /// <summary>A character that can't be part of a password.</summary>
    Unacceptable = 3,

    /// <summary>A password that many people have had, or a usual variation of one.</summary>
    Common = 4,

    /// <summary>One part repeated, or keys and letters in their order.</summary>
    Pattern = 5,

    /// <summary>Little more than the name of the person or of the service.</summary>
    Context = 6,
}
