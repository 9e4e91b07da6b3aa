namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>The form of tenants' names: they stand in hosts, paths, header fields and keys of limits, where they mean themselves and nothing else.</summary>
public static class TenantName
{
    private const int MostCharacters = 63;

    /// <summary>Whether the text is one: 1 to 63 letters, digits, hyphens and underscores. Compared as written, upper and lower case apart.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MostCharacters) return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_')) return false;
        }

        return true;
    }

    /// <summary>The name where it is one; otherwise empty, which stands for no tenant.</summary>
    internal static string Of(string? name) => name is not null && IsValid(name) ? name : string.Empty;
}
