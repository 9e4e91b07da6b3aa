using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Control.Identity.People;

/// <summary>The subject of a person as tokens tell it: their id as 32 lower-case hexadecimal digits. No client's id has that form.</summary>
public static class SubjectId
{
    /// <summary>Characters of a subject.</summary>
    public const int Length = 32;

    /// <summary>The subject of an id.</summary>
    public static string Of(Guid id) => id.ToString("N");

    /// <summary>The id of a subject; false for every other text, one in upper case too: a subject has one spelling.</summary>
    public static bool TryRead([NotNullWhen(true)] string? subject, out Guid id)
    {
        id = default;
        if (subject is not { Length: Length }) return false;
        foreach (var character in subject)
        {
            if (!char.IsAsciiHexDigitLower(character)) return false;
        }

        return Guid.TryParseExact(subject, "N", out id);
    }
}
