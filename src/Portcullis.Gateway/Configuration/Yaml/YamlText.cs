using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>
/// Bytes to text: UTF-8, with or without byte order mark, of characters that a person reading the file sees as they are.
/// Stricter than YAML 1.2 §5.1: the line separators that YAML versions disagree about and the characters that reorder what an
/// editor shows are refused, so that a review of the file sees what the loader sees.
/// </summary>
internal static class YamlText
{
    private static readonly SearchValues<char> Refused = SearchValues.Create(
        [
            .. Enumerable.Range(0, 0x20).Select(code => (char)code).Where(c => c is not '\t' and not '\n' and not '\r'),
            .. Enumerable.Range(0x7F, 0x21).Select(code => (char)code),
            '\u2028', '\u2029',
            '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069',
            '\uFEFF', '\uFFFE', '\uFFFF',
        ]);

    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out YamlDefect? defect)
    {
        text = null;
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];

        var buffer = new char[utf8.Length];
        var status = Utf8.ToUtf16(utf8, buffer, out var bytesRead, out var written, replaceInvalidSequences: false);
        var decoded = buffer.AsSpan(0, written);
        if (status != OperationStatus.Done)
        {
            var (line, column) = Position(decoded, written);
            defect = new(line, column, $"byte 0x{utf8[bytesRead]:X2} is not valid UTF-8", "save the file as UTF-8");
            return false;
        }

        return TryAccept(new string(decoded), out text, out defect);
    }

    /// <summary>Bytes to text where only the encoding matters, as for a secret in a file of its own.</summary>
    public static bool TryDecodePlain(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        var buffer = new char[utf8.Length];
        var status = Utf8.ToUtf16(utf8, buffer, out _, out var written, replaceInvalidSequences: false);
        text = status == OperationStatus.Done ? new string(buffer, 0, written) : null;
        return text is not null;
    }

    /// <summary>Checks text that is decoded already.</summary>
    public static bool TryAccept(string candidate, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out YamlDefect? defect)
    {
        text = null;
        var bad = candidate.AsSpan().IndexOfAny(Refused);
        if (bad >= 0)
        {
            var (line, column) = Position(candidate, bad);
            defect = new(
                line,
                column,
                $"character U+{(int)candidate[bad]:X4} is not allowed in the file",
                "remove it; in a double-quoted value it can be written as an escape such as \"\\u0085\"");
            return false;
        }

        text = candidate;
        defect = null;
        return true;
    }

    private static (int Line, int Column) Position(ReadOnlySpan<char> text, int index)
    {
        var before = text[..index];
        return (before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
