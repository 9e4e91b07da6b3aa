using System.Buffers;
using System.Globalization;
using System.Text;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Routing;

/// <summary>Writes the normal form of a path, segment by segment, or names the first rule that it breaks.</summary>
internal static class PathWriter
{
    // FE and FF begin no sequence in any version of UTF-8 (RFC 2279 §2), so no decoder takes the characters behind them for a part of one: like
    // nothing else outside UTF-8 they can be read in one way only, and paths of old sites in Latin-1 have them.
    private const byte NeverInUtf8 = 0xFE;

    /// <summary>
    /// Writes the normal form of <paramref name="path"/>, which begins with a slash, to <paramref name="output"/>,
    /// which must hold three times its length.
    /// </summary>
    public static TargetRule Write(ReadOnlySpan<char> path, Span<char> output, TargetOptions options, out int written)
    {
        written = 0;
        var segment = 0; // where the current segment begins in the output
        while (!path.IsEmpty)
        {
            var run = path.IndexOfAnyExcept(TargetCharacters.Segment);
            if (run != 0)
            {
                run = run < 0 ? path.Length : run;
                path[..run].CopyTo(output[written..]);
                written += run;
                path = path[run..];
                continue;
            }

            var read = 1;
            var broken = TargetRule.None;
            switch (path[0])
            {
                case '/':
                    // Repeated slashes become one, so that an upstream that merges them sees what was routed.
                    if (written > 0 && output[written - 1] == '/')
                        break;
                    if (DotSegment.Is(output[segment..written]))
                        return TargetRule.DotSegment;
                    output[written++] = '/';
                    segment = written;
                    break;

                case '%':
                    broken = WriteEscape(path, output, options, segment, ref written, out read);
                    break;

                // Browsers and curl send these raw, although RFC 3986 has no place for them in a path.
                case '|' or '^' or '`' or '[' or ']' or '{' or '}':
                    Percent.Write(path[0], output, ref written);
                    break;

                case '#':
                    return TargetRule.Fragment;

                case '\\':
                    return TargetRule.Backslash;

                case '"' or '<' or '>':
                    return TargetRule.Delimiter;

                default:
                    return TargetRule.RawOctet;
            }

            if (broken != TargetRule.None)
                return broken;
            path = path[read..];
        }

        return DotSegment.Is(output[segment..written]) ? TargetRule.DotSegment : TargetRule.None;
    }

    private static TargetRule WriteEscape(ReadOnlySpan<char> path, Span<char> output, TargetOptions options, int segment, ref int written, out int read)
    {
        read = 3;
        if (!Percent.TryRead(path, out var octet))
            return TargetRule.Escape;
        if (octet >= NeverInUtf8)
        {
            Percent.Write((char)octet, output, ref written);
            return TargetRule.None;
        }

        if (octet >= 0x80)
            return WriteUtf8(path, output, ref written, out read);

        switch ((char)octet)
        {
            case < ' ' or (char)0x7F:
                return TargetRule.EncodedControl;
            case '\\':
                return TargetRule.Backslash;
            case '/' when options.EncodedSlashes != EncodedSlashes.Keep || HasParameter(output[segment..written]):
                return TargetRule.EncodedSlash;
            case var character when TargetCharacters.IsUnreserved(character):
                output[written++] = character; // RFC 3986 section 6.2.2.2: equivalent to the character itself
                return TargetRule.None;
            default:
                Percent.Write((char)octet, output, ref written);
                return TargetRule.None;
        }
    }

    // Where a path parameter holds the slash, upstreams that decode first and those that cut parameters off first see two more paths.
    private static bool HasParameter(ReadOnlySpan<char> segment) => segment.Contains(';') || segment.Contains("%3B", StringComparison.Ordinal);

    /// <summary>Copies one scalar value of encoded UTF-8 (RFC 3629), which must come in escapes from its first octet to its last.</summary>
    private static TargetRule WriteUtf8(ReadOnlySpan<char> path, Span<char> output, ref int written, out int read)
    {
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        while (count < octets.Length && path.Length > count * 3 && path[count * 3] == '%' && Percent.TryRead(path[(count * 3)..], out octets[count]))
            count++;

        read = 0;
        if (Rune.DecodeFromUtf8(octets[..count], out var scalar, out var length) != OperationStatus.Done)
            return TargetRule.Encoding;
        if (Rune.GetUnicodeCategory(scalar) == UnicodeCategory.Control)
            return TargetRule.EncodedControl;
        if ((scalar.Value & 0xFFFE) == 0xFFFE || scalar.Value is >= 0xFDD0 and <= 0xFDEF)
            return TargetRule.Encoding;

        for (var i = 0; i < length; i++)
            Percent.Write((char)octets[i], output, ref written);
        read = length * 3;
        return TargetRule.None;
    }
}
