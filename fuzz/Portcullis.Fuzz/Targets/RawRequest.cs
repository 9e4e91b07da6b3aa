using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Portcullis.Gateway.Connections.Http1;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// A reader of requests that shares nothing with the gateway's: it takes what was accepted apart line by line, and breaks with the first thing
/// that RFC 9112 forbids.
/// </summary>
internal static class RawRequest
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    /// <summary>What a head says, in the words of <see cref="Http1RequestTarget"/>.</summary>
    public static string ReadHead(ReadOnlySpan<byte> octets, in RequestLimits limits)
    {
        var head = Encoding.Latin1.GetString(octets);
        if (head.StartsWith("\r\n", StringComparison.Ordinal))
            head = head[2..];
        BrokenInvariantException.Unless(head.EndsWith("\r\n\r\n", StringComparison.Ordinal), "a head ends in an empty line");
        var lines = head[..^4].Split("\r\n");
        BrokenInvariantException.Unless(!Array.Exists(lines, line => line.AsSpan().ContainsAny("\r\n\0")), "no line holds CR, LF or NUL");
        BrokenInvariantException.Unless(lines[0].Length <= limits.RequestLineOctets, "no longer request line is accepted");
        BrokenInvariantException.Unless(head.Length - lines[0].Length - 4 <= limits.HeaderOctets, "no larger head is accepted");
        BrokenInvariantException.Unless(lines.Length - 1 <= limits.HeaderCount, "no more fields are accepted");

        var words = lines[0].Split(' ');
        BrokenInvariantException.Unless(words is [_, _, "HTTP/1.1" or "HTTP/1.0"], "a request line is three words");
        BrokenInvariantException.Unless(IsToken(words[0]), "a method is a token");
        BrokenInvariantException.Unless(words[1].Length > 0 && words[1].All(c => c is > ' ' and < '\x7f'), "a target is visible");

        return Describe(words, ReadFields(lines.AsSpan(1)));
    }

    /// <summary>What a chunked body says, content and trailer fields.</summary>
    public static string ReadChunks(ReadOnlySpan<byte> octets)
    {
        var rest = Encoding.Latin1.GetString(octets);
        var text = new StringBuilder();
        while (true)
        {
            var line = TakeLine(ref rest);
            var size = line.Split(';')[0];
            BrokenInvariantException.Unless(size.Length is > 0 and <= 16 && size.All(char.IsAsciiHexDigit), "a chunk has a size");
            var length = (int)Math.Min(long.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), int.MaxValue);
            if (length == 0)
                break;

            BrokenInvariantException.Unless(length <= rest.Length, "a chunk is whole");
            text.Append(rest.AsSpan(0, length));
            rest = rest[length..];
            BrokenInvariantException.Unless(TakeLine(ref rest).Length == 0, "a chunk ends where its size says");
        }

        var lines = new List<string>();
        while (TakeLine(ref rest) is { Length: > 0 } line)
            lines.Add(line);
        BrokenInvariantException.Unless(rest.Length == 0, "nothing behind a body is taken for a part of it");
        text.Append('\n');
        foreach (var (name, values) in ReadFields(CollectionsMarshal.AsSpan(lines)))
            text.Append(name).Append('=').AppendJoin('\n', values).Append('\n');
        return text.ToString();
    }

    private static string TakeLine(ref string rest)
    {
        var end = rest.AsSpan().IndexOfAny("\r\n\0");
        BrokenInvariantException.Unless(end >= 0 && rest.AsSpan(end).StartsWith("\r\n"), "a line ends in CRLF and holds no CR, LF or NUL");
        var line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static List<(string Name, List<string> Values)> ReadFields(ReadOnlySpan<string> lines)
    {
        var fields = new List<(string Name, List<string> Values)>();
        foreach (var line in lines)
        {
            BrokenInvariantException.Unless(line.Length > 0 && line[0] is not (' ' or '\t'), "no line is folded");
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            BrokenInvariantException.Unless(colon > 0 && IsToken(line[..colon]), "a field name is a token");
            var value = line[(colon + 1)..].Trim(' ', '\t');
            BrokenInvariantException.Unless(value.All(c => c is '\t' or >= ' ' and not '\x7f'), "a field value holds no control character");
            var name = line[..colon].ToLowerInvariant();
            if (fields.Find(field => field.Name == name) is { Values: { } values })
                values.Add(value);
            else
                fields.Add((name, [value]));
        }

        return fields;
    }

    private static string Describe(string[] words, List<(string Name, List<string> Values)> fields)
    {
        var lengths = fields.Find(field => field.Name == "content-length");
        var isCoded = fields.Exists(field => field.Name == "transfer-encoding");
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{words[0]} {words[1]} {words[2][5..]} coding={isCoded}\n");
        foreach (var (name, values) in fields)
        {
            if (name != "content-length")
                text.Append(name).Append('=').AppendJoin('\n', values).Append('\n');
        }

        if (lengths.Values is null)
            return text.ToString();

        BrokenInvariantException.Unless(lengths.Values is [{ Length: > 0 } only] && only.All(char.IsAsciiDigit), "Content-Length is one number");
        return text.Append(CultureInfo.InvariantCulture, $"content-length={UInt128.Parse(lengths.Values[0], CultureInfo.InvariantCulture)}\n").ToString();
    }

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || TokenMarks.Contains(c, StringComparison.Ordinal));
}
