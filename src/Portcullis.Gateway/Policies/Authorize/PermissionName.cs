namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>
/// The form of permissions: two or more words between colons, as in <c>orders:read</c>. They are compared as they are written.
/// Narrower than a scope of OAuth (RFC 6749 §3.3), so that a list of them can be a <c>scope</c>.
/// </summary>
public static class PermissionName
{
    private const int MostCharacters = 128;

    /// <summary>Whether the text is a permission: at most 128 characters, words of letters, digits, dots, hyphens and underscores.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length > MostCharacters) return false;
        var words = 0;
        foreach (var range in name.Split(':'))
        {
            words++;
            var word = name[range];
            if (word.IsEmpty) return false;
            foreach (var character in word)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) return false;
            }
        }

        return words >= 2;
    }
}
