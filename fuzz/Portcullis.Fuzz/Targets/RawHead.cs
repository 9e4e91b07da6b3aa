using System.Globalization;
using System.Text;
using Portcullis.Gateway.Connections.Http1;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// A reader of request heads that shares nothing with the gateway's: it takes a head that was accepted apart line by line, and breaks with the
/// first thing that RFC 9112 forbids.
/// </summary>
internal static class RawHead
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    /// <summary>What a head says, in the words of <see cref="Http1RequestTarget"/>.</summary>
    public static string Read(ReadOnlySpan<byte> octets, in RequestLimits limits)
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

        var fields = new List<(string Name, List<string> Values)>();
        foreach (var line in lines.AsSpan(1))
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

        return Describe(words, fields);
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
