namespace Portcullis.Gateway.Routing;

/// <summary>Recognises segments that some reader takes for <c>.</c> or <c>..</c> (RFC 3986 section 3.3).</summary>
internal static class DotSegment
{
    private const string EncodedSlash = "%2F";

    /// <summary>
    /// Whether a segment in normal form, or a part of it between encoded slashes, is one or two dots, alone or followed by
    /// something that a careless upstream cuts off: a path parameter (<c>..;x</c>), or an encoded <c>/ ; ? # %</c> or space.
    /// </summary>
    public static bool Is(ReadOnlySpan<char> segment)
    {
        while (true)
        {
            if (IsPart(segment))
                return true;

            var slash = segment.IndexOf(EncodedSlash, StringComparison.Ordinal);
            if (slash < 0)
                return false;
            segment = segment[(slash + EncodedSlash.Length)..];
        }
    }

    private static bool IsPart(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part[0] != '.')
            return false;

        var rest = part[(part.Length > 1 && part[1] == '.' ? 2 : 1)..];
        if (rest.IsEmpty || rest[0] == ';')
            return true;

        return Percent.TryRead(rest, out var octet) && (char)octet is '/' or ';' or '?' or '#' or '%' or ' ';
    }
}
