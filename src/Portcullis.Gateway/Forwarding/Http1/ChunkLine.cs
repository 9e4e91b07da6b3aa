using System.Buffers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>The line before a chunk: its size and extensions (RFC 9112 §7.1). Extensions are checked and ignored.</summary>
internal static class ChunkLine
{
    /// <summary>Most octets of one such line, extensions and CRLF included.</summary>
    public const int MaximumLength = 512;

    private const int MaximumDigits = 16;

    private static readonly SearchValues<byte> TokenOctets =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Reads 1*16 HEXDIG, then extensions without the whitespace that the grammar calls bad.</summary>
    public static string? Parse(ReadOnlySpan<byte> line, out long size)
    {
        size = 0;
        var digits = 0;
        while (digits < line.Length && char.IsAsciiHexDigit((char)line[digits]))
        {
            if (digits == MaximumDigits || size >> 59 != 0)
                return "a chunk size is too large";

            size = (size << 4) | (long)HexValue(line[digits]);
            digits++;
        }

        if (digits == 0)
            return "a chunk size is not hexadecimal";

        return AreExtensions(line[digits..]) ? null : "a chunk size is followed by what is no extension";
    }

    private static bool AreExtensions(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 0)
        {
            if (rest[0] != ';' || !SkipToken(ref rest, 1))
                return false;

            if (rest.Length == 0 || rest[0] != '=')
                continue;

            var quoted = rest.Length > 1 && rest[1] == '"';
            if (quoted ? !SkipQuoted(ref rest, 2) : !SkipToken(ref rest, 1))
                return false;
        }

        return true;
    }

    private static bool SkipToken(ref ReadOnlySpan<byte> rest, int start)
    {
        rest = rest[start..];
        var length = rest.IndexOfAnyExcept(TokenOctets);
        if (length < 0)
            length = rest.Length;
        rest = rest[length..];
        return length > 0;
    }

    // quoted-string with its quoted pairs (RFC 9110 §5.6.4); the opening quote is skipped already.
    private static bool SkipQuoted(ref ReadOnlySpan<byte> rest, int start)
    {
        for (var i = start; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return true;
            }

            if (rest[i] == '\\' && ++i == rest.Length)
                return false;
            if (!FieldLine.IsText(rest.Slice(i, 1)))
                return false;
        }

        return false;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
