using System.Diagnostics.CodeAnalysis;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// A permission as roles grant it: words between colons, each a word or <c>*</c>. A star stands for exactly one word, whatever it is, and only where it is
/// written: <c>orders:*</c> grants <c>orders:read</c>, but neither <c>orders</c> nor <c>orders:lines:read</c>.
/// </summary>
public sealed record PermissionPattern
{
    private const string Any = "*";

    private PermissionPattern(string text)
    {
        Text = text;
        HasWildcard = text.Contains('*', StringComparison.Ordinal);
    }

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>Whether a word of it is a star.</summary>
    public bool HasWildcard { get; }

    /// <summary>Whether it grants an action on everything: its first word is a star.</summary>
    public bool IsForAnyResource => Text.StartsWith('*');

    /// <summary>False for what is no permission, also where a star stands beside letters: <c>orders:re*</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PermissionPattern? pattern)
    {
        // A star for a word: what remains must be a permission. A letter takes its place, which no word ends up longer by.
        var words = text.Split(':');
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == Any) words[i] = "a";
        }

        pattern = PermissionName.IsValid(string.Join(':', words)) ? new PermissionPattern(text) : null;
        return pattern is not null;
    }

    /// <summary>Whether it grants the permission. Allocates nothing.</summary>
    public bool Matches(ReadOnlySpan<char> permission) => HasWildcard ? Overlaps(Text, permission) : permission.SequenceEqual(Text);

    /// <summary>Whether some permission is granted by both.</summary>
    public bool Overlaps(PermissionPattern other) => Overlaps(Text, other.Text);

    public override string ToString() => Text;

    private static bool Overlaps(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (true)
        {
            var leftEnd = left.IndexOf(':');
            var rightEnd = right.IndexOf(':');
            var leftWord = leftEnd < 0 ? left : left[..leftEnd];
            var rightWord = rightEnd < 0 ? right : right[..rightEnd];
            if (!leftWord.SequenceEqual(rightWord) && leftWord is not Any && rightWord is not Any) return false;
            if (leftEnd < 0 || rightEnd < 0) return leftEnd == rightEnd;
            left = left[(leftEnd + 1)..];
            right = right[(rightEnd + 1)..];
        }
    }
}
