using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// Names to sign in with: ASCII letters, digits and <c>. _ - + @</c>, in lower case. Other scripts are refused because two names must never look the same to those who
/// grant roles (Unicode TR 39); display names may have them.
/// </summary>
public static class SignInName
{
    /// <summary>The longest name: that of a mail address (RFC 5321 §4.5.3.1.3).</summary>
    public const int MaximumLength = 254;

    /// <summary>The one spelling of a name, white space around it aside; false where it is none.</summary>
    public static bool TryRead(string typed, [NotNullWhen(true)] out string? name)
    {
        name = null;
        var text = typed.AsSpan().Trim();
        if (text.Length is 0 or > MaximumLength) return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-' or '+' or '@')) return false;
        }

        name = text.ToString().ToLowerInvariant();
        return true;
    }
}
