using System.Globalization;

namespace Portcullis.Commands;

/// <summary>Text of clients on a terminal.</summary>
internal static class Printing
{
    /// <summary>What clients sent must not move the cursor of whoever looks at it: controls and what formats text become U+FFFD.</summary>
    public static string Printable(string text)
        => string.Concat(text.Select(static character => char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format ? '\uFFFD' : character));
}
