namespace Portcullis.Trust.Passwords;

/// <summary>Whether a text can be a password at all.</summary>
public enum PasswordForm
{
    /// <summary>Nothing was typed.</summary>
    Empty = 0,

    /// <summary>It has more than <see cref="Password.MaximumLength"/> characters. Nothing is ever cut off.</summary>
    TooLong = 1,

    /// <summary>It has a control character, half a surrogate pair, or a character that the Unicode version in use does not know.</summary>
    Unacceptable = 2,

    /// <summary>It can be hashed and compared.</summary>
    Usable = 3,
}
