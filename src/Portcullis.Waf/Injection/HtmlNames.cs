using System.Text;

namespace Portcullis.Waf.Injection;

/// <summary>
/// The names of elements and attributes that make HTML active. Zero bytes in a name are ignored and case does not matter. Built once, then read only.
/// </summary>
internal static class HtmlNames
{
    private static readonly HtmlNameTable Tags = new HtmlNameTable().With(HtmlNameData.Tags, HtmlAttributeKind.Forbidden);
    private static readonly HtmlNameTable Attributes = new HtmlNameTable()
        .With(HtmlNameData.UrlAttributes, HtmlAttributeKind.Url)
        .With(HtmlNameData.StyleAttributes, HtmlAttributeKind.Forbidden)
        .With(HtmlNameData.ForbiddenAttributes, HtmlAttributeKind.Forbidden)
        .With(HtmlNameData.NamingAttributes, HtmlAttributeKind.NamesAnother);

    /// <summary>In the order of bytes; none begins with another one.</summary>
    private static readonly byte[][] Events = [.. Encoding.ASCII.GetString(HtmlNameData.Events).Split([' ', '\n']).Select(Encoding.ASCII.GetBytes)];

    /// <summary>Whether an element is dangerous whatever its attributes. Everything of SVG and XSL is.</summary>
    public static bool IsForbiddenTag(ReadOnlySpan<byte> name)
        => name.Length >= 3
            && (StartsWith(name, "SVG"u8) || StartsWith(name, "XSL"u8) || Tags.KindOf(name) != HtmlAttributeKind.Harmless);

    public static HtmlAttributeKind KindOfAttribute(ReadOnlySpan<byte> name)
    {
        if (name.Length < 2)
            return HtmlAttributeKind.Harmless;
        if (name.Length >= 5 && ((StartsWith(name, "ON"u8) && IsEvent(name[2..])) || StartsWith(name, "XMLNS"u8) || StartsWith(name, "XLINK"u8)))
            return HtmlAttributeKind.Forbidden;
        return Attributes.KindOf(name);
    }

    /// <summary>Whether a text begins with another, given in upper case.</summary>
    public static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start)
        => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    /// <summary>Of letters of ASCII alone.</summary>
    public static byte ToUpper(byte value) => char.IsAsciiLetterLower((char)value) ? (byte)(value - 0x20) : value;

    /// <summary>Whether the rest of a handler's name begins with the name of an event. It can only be the last one in order that is not behind it.</summary>
    private static bool IsEvent(ReadOnlySpan<byte> rest)
    {
        var (low, high) = (0, Events.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = Compare(rest, Events[middle]);
            if (order == 0)
                return true;
            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }

        return false;
    }

    /// <summary>Orders the start of a text, as long as an event's name, and that name; 0 where they are alike.</summary>
    private static int Compare(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            var one = i < text.Length ? ToUpper(text[i]) : (byte)0;
            if (one != name[i])
                return one - name[i];
        }

        return 0;
    }
}
