using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// Reads the Content-Disposition field of a part (RFC 7578, section 4.2) as strictly as ModSecurity 2: <c>form-data</c> with <c>name</c> and
/// <c>filename</c>, each at most once, and no other parameter: not <c>filename*</c> either, which RFC 7578 forbids.
/// </summary>
internal static class ContentDisposition
{
    private const string Malformed = "Multipart: invalid Content-Disposition header";

    /// <summary>Null; or what is wrong.</summary>
    /// <param name="value">The field's value, unfolded.</param>
    /// <param name="names">Gets the name, and behind it the file name, both without quotes and escapes.</param>
    /// <param name="nameLength">The length of the name, or -1 if there is none.</param>
    /// <param name="fileNameLength">The length of the file name, or -1 if there is none.</param>
    /// <param name="flags">Gets <see cref="MultipartFlags.InvalidQuoting"/>.</param>
    public static string? Read(ReadOnlySpan<byte> value, ref PooledBytes names, out int nameLength, out int fileNameLength, ref MultipartFlags flags)
    {
        nameLength = -1;
        fileNameLength = -1;
        if (!value.StartsWith("form-data"u8)) return Malformed;
        var rest = SkipBlank(value["form-data"u8.Length..]);
        if (!rest.IsEmpty && rest[0] != ';') return Malformed;

        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> fileName = default;
        var nameQuote = 0;
        var fileNameQuote = 0;
        while (rest.Length > 1)
        {
            // 1. The parameter's name, between semicolon and equals sign.
            rest = SkipBlank(rest[1..]);
            var end = rest.IndexOfAny("=\t "u8);
            if (end < 0) return Malformed;
            var parameter = rest[..end];
            rest = SkipBlank(rest[end..]);
            if (rest is not [(byte)'=', ..]) return Malformed;
            rest = SkipBlank(rest[1..]);
            if (rest.IsEmpty) return Malformed;

            // 2. Its value. Single quotes are none, but some readers take them.
            var quote = rest[0] is (byte)'"' or (byte)'\'' ? rest[0] : 0;
            if (quote == '\'') flags |= MultipartFlags.InvalidQuoting;
            var length = quote != 0 ? QuotedLength(rest[1..], (byte)quote) : TokenLength(rest);
            if (length < 0) return Malformed;
            var text = quote != 0 ? rest.Slice(1, length) : rest[..length];
            rest = rest[(quote != 0 ? length + 2 : length)..];
            if (quote != '"' && text.Contains((byte)'\'')) flags |= MultipartFlags.InvalidQuoting;

            if (parameter.SequenceEqual("name"u8))
            {
                if (nameLength >= 0) return "Multipart: duplicate name in a Content-Disposition header";
                name = text;
                nameQuote = quote;
                nameLength = text.Length;
            }
            else if (parameter.SequenceEqual("filename"u8))
            {
                if (fileNameLength >= 0) return "Multipart: duplicate filename in a Content-Disposition header";
                fileName = text;
                fileNameQuote = quote;
                fileNameLength = text.Length;
            }
            else
            {
                return Malformed;
            }

            // 3. The end, with or without a semicolon, or a semicolon and another parameter.
            var behind = SkipBlank(rest);
            if (!behind.IsEmpty && behind[0] != ';')
            {
                if (quote != 0 && behind.Length == rest.Length) flags |= MultipartFlags.InvalidQuoting;
                return Malformed;
            }

            rest = behind;
        }

        if (nameLength < 0) return "Multipart: Content-Disposition header missing name field";

        // Crude readers look for just this.
        if (fileNameLength >= 0 && value.IndexOf("filename="u8) < 0) return Malformed;
        nameLength = Append(name, nameQuote, ref names);
        if (fileNameLength >= 0) fileNameLength = Append(fileName, fileNameQuote, ref names);
        return null;
    }

    private static ReadOnlySpan<byte> SkipBlank(ReadOnlySpan<byte> text) => text.TrimStart("\t "u8);

    /// <summary>The bytes before the closing quote, or -1 if there is none.</summary>
    private static int QuotedLength(ReadOnlySpan<byte> text, byte quote)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == quote) return i;
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] == quote || text[i + 1] == '\\')) i++;
        }

        return -1;
    }

    /// <summary>The bytes that may stand without quotes (RFC 2045, section 5.1, token).</summary>
    private static int TokenLength(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < text.Length && text[length] is > 32 and < 127 && !"()<>@,;:\\\"/[]?="u8.Contains(text[length])) length++;
        return length;
    }

    /// <summary>Appends a value without its escapes. Only quotes and backslashes are escaped: other backslashes are of Windows paths.</summary>
    private static int Append(ReadOnlySpan<byte> text, int quote, ref PooledBytes to)
    {
        var before = to.Length;
        var room = to.Room(text.Length);
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != 0 && text[i] == '\\' && i + 1 < text.Length && (text[i + 1] == quote || text[i + 1] == '\\')) i++;
            room[length++] = text[i];
        }

        to.Advance(length);
        return to.Length - before;
    }
}
