using System.Globalization;

namespace Portcullis.Commands;

/// <summary>Text of clients on a terminal.</summary>
internal static class Printing
{
    private const int LongestLine = 2000;

    /// <summary>What clients sent must not move the cursor of whoever looks at it: controls and what formats text become U+FFFD.</summary>
    public static string Printable(string text)
        => string.Concat(text.Select(static character => char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format ? '\uFFFD' : character));

    /// <summary>One line of a message: printable, line ends and tabs as spaces, cut behind 2000 characters.</summary>
    public static string Line(string text)
        => Printable((text.Length > LongestLine ? text[..LongestLine] + "…" : text).Replace(Environment.NewLine, " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\t', ' '));
}
