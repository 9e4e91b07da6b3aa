using System.Text;

namespace Portcullis.Waf.Injection;

/// <summary>
/// The names of elements and attributes that make HTML active. Zero bytes in a name are ignored and case does not matter. Built once, then read only.
/// </summary>
internal static class HtmlNames
{
    /// <summary>The longest name that is compared as a whole, <c>ATTRIBUTENAME</c>, fits; a longer one equals none.</summary>
    private const int PackedLength = 16;

    private static readonly UInt128[] Tags = PackAll(HtmlNameData.Tags);
    private static readonly (UInt128 Name, HtmlAttributeKind Kind)[] Attributes =
    [
        .. PackAll(HtmlNameData.UrlAttributes).Select(name => (name, HtmlAttributeKind.Url)),
        .. PackAll(HtmlNameData.StyleAttributes).Select(name => (name, HtmlAttributeKind.Forbidden)),
        .. PackAll(HtmlNameData.ForbiddenAttributes).Select(name => (name, HtmlAttributeKind.Forbidden)),
        .. PackAll(HtmlNameData.NamingAttributes).Select(name => (name, HtmlAttributeKind.NamesAnother)),
    ];

    /// <summary>In the order of bytes; none begins with another one.</summary>
    private static readonly byte[][] Events = [.. Encoding.ASCII.GetString(HtmlNameData.Events).Split([' ', '\n']).Select(Encoding.ASCII.GetBytes)];

    /// <summary>Whether an element is dangerous whatever its attributes. Everything of SVG and XSL is.</summary>
    public static bool IsForbiddenTag(ReadOnlySpan<byte> name)
        => name.Length >= 3
            && (StartsWith(name, "SVG"u8) || StartsWith(name, "XSL"u8) || (TryPack(name, out var packed) && Tags.AsSpan().Contains(packed)));

    public static HtmlAttributeKind KindOfAttribute(ReadOnlySpan<byte> name)
    {
        if (name.Length < 2)
            return HtmlAttributeKind.Harmless;
        if (name.Length >= 5 && ((StartsWith(name, "ON"u8) && IsEvent(name[2..])) || StartsWith(name, "XMLNS"u8) || StartsWith(name, "XLINK"u8)))
            return HtmlAttributeKind.Forbidden;
        if (TryPack(name, out var packed))
        {
            foreach (var (known, kind) in Attributes)
            {
                if (known == packed)
                    return kind;
            }
        }

        return HtmlAttributeKind.Harmless;
    }

    /// <summary>Whether a text begins with another, given in upper case.</summary>
    public static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start)
        => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

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
            var one = i < text.Length ? ToUpper(text[i]) : 0;
            if (one != name[i])
                return one - name[i];
        }

        return 0;
    }

    private static int ToUpper(byte value) => char.IsAsciiLetterLower((char)value) ? value - 0x20 : value;

    /// <summary>The name in upper case without zero bytes as one number; false if it is too long for any name in question.</summary>
    private static bool TryPack(ReadOnlySpan<byte> name, out UInt128 packed)
    {
        packed = default;
        var length = 0;
        foreach (var one in name)
        {
            if (one == 0)
                continue;
            if (++length > PackedLength)
                return false;
            packed = packed << 8 | (UInt128)(uint)ToUpper(one);
        }

        return true;
    }

    private static UInt128[] PackAll(ReadOnlySpan<byte> names)
    {
        var all = new List<UInt128>();
        foreach (var range in names.Split((byte)' '))
        {
            if (!TryPack(names[range], out var packed))
                throw new InvalidOperationException("A name of the table is too long.");
            all.Add(packed);
        }

        return [.. all];
    }
}
