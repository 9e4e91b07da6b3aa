using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>One case of llhttp's Markdown tests: the octets, and what that parser made of the first message in them.</summary>
internal sealed partial record LlhttpCase(string Name, string Type, bool SkipsBody, byte[] Input, bool Refused, bool Complete, int? Status, int BodyLength)
{
    public static List<LlhttpCase> ReadAll(string folder)
    {
        var cases = new List<LlhttpCase>();
        foreach (var file in Directory.GetFiles(folder, "*.md").Order(StringComparer.Ordinal))
        {
            foreach (Match match in Case().Matches(File.ReadAllText(file)))
            {
                var meta = match.Groups["meta"].Value;
                cases.Add(Read(
                    $"{Path.GetFileNameWithoutExtension(file)}: {match.Groups["name"].Value.Trim()}",
                    TypeOf().Match(meta).Groups[1].Value,
                    meta.Contains("\"skipBody\": true", StringComparison.Ordinal),
                    match.Groups["input"].Value,
                    match.Groups["log"].Value));
            }
        }

        return cases;
    }

    private static LlhttpCase Read(string name, string type, bool skipsBody, string input, string log)
    {
        log = WithoutInterim(log);
        var complete = log.IndexOf("message complete", StringComparison.Ordinal);
        var error = log.IndexOf("error code=", StringComparison.Ordinal);
        var paused = error >= 0 && log.AsSpan(error).StartsWith("error code=22");
        var refused = error >= 0 && !paused && (complete < 0 || error < complete);
        var first = complete < 0 ? log : log[..complete];
        var status = StatusOf().Match(first);
        var body = 0;
        foreach (Match piece in Body().Matches(first))
            body += int.Parse(piece.Groups[1].Value, CultureInfo.InvariantCulture);
        return new LlhttpCase(
            name, type, skipsBody, Octets(input), refused, complete >= 0 && !refused,
            status.Success ? int.Parse(status.Groups[1].Value, CultureInfo.InvariantCulture) : null, body);
    }

    // The files write CRLF as a line's end and everything else as an escape; a backslash at the end joins lines.
    private static byte[] Octets(string text)
    {
        text = text.Replace("\\\n", string.Empty, StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        text = text.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\f", "\f", StringComparison.Ordinal);
        text = Hex().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 16)).ToString());
        return Encoding.UTF8.GetBytes(text);
    }

    // The message that counts is the first that is no interim response.
    private static string WithoutInterim(string log)
    {
        while (Interim().Match(log) is { Success: true } interim)
            log = log[interim.Length..];
        return log;
    }


    [GeneratedRegex("^#{2,3} (?<name>[^\n]+)\n(?:(?!^#|^```)[^\n]*\n)*?<!-- meta=(?<meta>[^\n]*?) ?-->\n```http\n(?<input>.*?)\n```\n(?:(?!^#|^```)[^\n]*\n)*?```log\n(?<log>.*?)\n```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Case();

    [GeneratedRegex("\"type\": \"([^\"]+)\"")]
    private static partial Regex TypeOf();

    [GeneratedRegex(@"headers complete status=(\d+)")]
    private static partial Regex StatusOf();

    [GeneratedRegex(@"\A(?:(?!message complete).)*?headers complete status=1(?!01)\d\d.*?message complete", RegexOptions.Singleline)]
    private static partial Regex Interim();

    [GeneratedRegex(@"len=(\d+) span\[body\]")]
    private static partial Regex Body();

    [GeneratedRegex(@"\\x([0-9a-fA-F]{2})")]
    private static partial Regex Hex();
}
