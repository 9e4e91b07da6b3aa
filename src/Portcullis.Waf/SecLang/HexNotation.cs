using System.Globalization;
using System.Text;

namespace Portcullis.Waf.SecLang;

/// <summary>
/// How Snort writes bytes in text, which <c>@pm</c> takes since ModSecurity 2.6: <c>A|42|C|44 45|</c> is ABCDE. A backslash is before a colon, a semicolon, a quote
/// or itself. The whole argument is read before it is split into words, so that <c>|20|</c> parts words as a space does.
/// </summary>
internal static class HexNotation
{
    /// <summary>The text (of which each character is a byte); null where it is not in this notation, and stands for itself then, as in libmodsecurity.</summary>
    public static string? Decode(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                if (++at == text.Length || text[at] is not (':' or ';' or '\\' or '"')) return null;
                decoded.Append(text[at]);
            }
            else if (text[at] == '|')
            {
                var end = text.IndexOf('|', at + 1);
                if (end < 0 || !TryBytes(text.AsSpan(at + 1, end - at - 1), decoded)) return null;
                at = end;
            }
            else
            {
                decoded.Append(text[at]);
            }
        }

        return decoded.ToString();
    }

    private static bool TryBytes(ReadOnlySpan<char> digits, StringBuilder decoded)
    {
        while (!(digits = digits.TrimStart(' ')).IsEmpty)
        {
            if (digits.Length < 2 || !byte.TryParse(digits[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one)) return false;
            decoded.Append((char)one);
            digits = digits[2..];
        }

        return true;
    }
}
