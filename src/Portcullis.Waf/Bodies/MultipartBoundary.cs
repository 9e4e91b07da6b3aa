using System.Buffers;
using System.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>
/// Takes the boundary out of a Content-Type field (RFC 2046, section 5.1.1), as strictly as ModSecurity 2: it is the one and only parameter, in small
/// letters; what many readers would understand differently is an error. Stricter in one point: it has no more than the RFC's 70 characters.
/// </summary>
internal static class MultipartBoundary
{
    private const int MaximumFieldLength = 1024;
    private const int MaximumLength = 70;

    // RFC 2046, bchars; a space must not be the last.
    private static readonly SearchValues<byte> Characters
        = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? "u8);

    /// <summary>Null, and the boundary without its quotes; or what is wrong.</summary>
    public static string? Read(ReadOnlySpan<byte> contentType, out ReadOnlySpan<byte> boundary, out MultipartFlags flags)
    {
        boundary = default;
        flags = MultipartFlags.None;
        if (contentType.IsEmpty) return "Multipart: Content-Type header not available";
        if (contentType.Length > MaximumFieldLength) return "Multipart: invalid boundary in Content-Type (length)";
        var mediaType = "multipart/form-data"u8;
        if (contentType.Length < mediaType.Length || !Ascii.EqualsIgnoreCase(contentType[..mediaType.Length], mediaType))
            return "Multipart: invalid media type";
        if (Parameters(contentType) > 1) return "Multipart: several boundary parameters in Content-Type";

        // 1. Nothing but a semicolon and white space stands between the media type and the parameter.
        var start = contentType.IndexOf("boundary"u8);
        if (start < 0)
            return Parameters(contentType) > 0 ? "Multipart: invalid boundary in Content-Type (case)" : "Multipart: boundary not found in Content-Type";
        var hasSemicolon = false;
        for (var i = mediaType.Length; i < start; i++)
        {
            if (AsciiClass.IsSpace(contentType[i])) continue;
            if (hasSemicolon || contentType[i] != ';') return "Multipart: invalid boundary in Content-Type (malformed)";
            hasSemicolon = true;
        }

        if (!hasSemicolon) flags |= MultipartFlags.MissingSemicolon;

        // 2. The equals sign.
        var value = contentType[(start + "boundary"u8.Length)..];
        var equals = value.IndexOf((byte)'=');
        if (equals < 0) return "Multipart: invalid boundary in Content-Type (malformed)";
        foreach (var one in value[..equals])
        {
            if (!AsciiClass.IsSpace(one)) return "Multipart: invalid boundary in Content-Type (parameter name)";
            flags |= MultipartFlags.BoundaryWhitespace;
        }

        // 3. The value is all the rest.
        value = value[(equals + 1)..];
        if (!value.IsEmpty && AsciiClass.IsSpace(value[0])) flags |= MultipartFlags.BoundaryWhitespace;
        if (value is [(byte)'"', .., (byte)'"'])
        {
            value = value[1..^1];
            flags |= MultipartFlags.BoundaryQuoted;
        }
        else if (value is [(byte)'"', ..] or [_, .., (byte)'"'])
        {
            return "Multipart: invalid boundary in Content-Type (quote)";
        }

        if (Parameters(value) > 0) return "Multipart: invalid boundary in Content-Type (content)";
        if (value.IsEmpty) return "Multipart: invalid boundary in Content-Type (empty)";
        if (value.Length > MaximumLength) return "Multipart: invalid boundary in Content-Type (length)";
        if (value.ContainsAnyExcept(Characters) || value[^1] == ' ') return "Multipart: invalid boundary in Content-Type (characters)";
        boundary = value;
        return null;
    }

    /// <summary>How often the word "boundary" occurs, in any case, with an equals sign anywhere behind it.</summary>
    private static int Parameters(ReadOnlySpan<byte> text)
    {
        var word = "boundary"u8;
        var count = 0;
        for (var i = 0; i + word.Length < text.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(i, word.Length), word) && text[(i + word.Length)..].Contains((byte)'=')) count++;
        }

        return count;
    }
}
