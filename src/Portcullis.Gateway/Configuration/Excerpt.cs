using System.Globalization;
using System.Text;

namespace Portcullis.Gateway.Configuration;

/// <summary>Text from a file as it may stand in a message: cut to a length, with control characters escaped so that no terminal obeys them.</summary>
internal static class Excerpt
{
    /// <summary>Ends a text that was cut.</summary>
    public const char Ellipsis = '…';

    private const int Length = 60;

    public static string Quote(string text) => "'" + Of(text, Length) + "'";

    public static string Of(string text, int length)
    {
        var cut = text.Length > length;
        var source = text.AsSpan(0, cut ? length : text.Length);
        var result = new StringBuilder(source.Length);
        foreach (var rune in source.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else result.Append(rune.ToString());
        }

        return cut ? result.Append(Ellipsis).ToString() : result.ToString();
    }
}
