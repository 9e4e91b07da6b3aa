using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>One request of llhttp's own tests (Markdown: a heading, a meta comment, a block of HTTP, a block of parser events).</summary>
internal sealed partial record LlhttpCase(string Name, string Meta, string Request, string Log)
{
    /// <summary>Requests that the parser saw to their end.</summary>
    public int Complete => Log.Split("message complete").Length - 1;

    public bool IsRefused => Log.Contains("error code=", StringComparison.Ordinal);

    /// <summary>The request as it is sent: llhttp does not ask for Host, so it is put in where nothing else is wrong.</summary>
    public string Sent => IsRefused || HostField().IsMatch(Request) ? Request : RequestLine().Replace(Request, "$&Host: a\r\n");

    /// <summary>Whether the case is about llhttp's lenient modes or its callbacks, and says nothing about a strict server.</summary>
    public bool IsAboutTheLibrary => !Meta.Contains("\"type\": \"request\"", StringComparison.Ordinal) || Meta.Contains("pause", StringComparison.Ordinal)
        || Meta.Contains("noScan", StringComparison.Ordinal) || Log.Contains("ause", StringComparison.Ordinal);

    public static List<LlhttpCase> Read(string directory)
    {
        var cases = new List<LlhttpCase>();
        foreach (var file in Directory.GetFiles(directory, "*.md").Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file).ReplaceLineEndings("\n");
            foreach (Match match in Case().Matches(text))
            {
                // A heading may have several variants; the nearest one above names the case.
                var heading = Heading().Matches(text[..match.Index]).Last().Groups["heading"].Value.Trim();
                cases.Add(new LlhttpCase(
                    $"{Path.GetFileNameWithoutExtension(file)}: {heading}", match.Groups["meta"].Value, Unescape(match.Groups["http"].Value), match.Groups["log"].Value));
            }
        }

        return cases;
    }

    // As llhttp's test runner does: an escaped line break joins lines, real ones become CRLF, and escapes become what they stand for.
    private static string Unescape(string block)
    {
        var text = block.Replace("\\\n", string.Empty, StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        return Escape().Replace(text, match => match.Groups["code"].Value switch
        {
            "r" => "\r",
            "n" => "\n",
            "t" => "\t",
            "f" => "\f",
            var hex => ((char)int.Parse(hex[1..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString(),
        });
    }

    [GeneratedRegex(@"<!-- meta=(?<meta>((?!-->).)*) -->\s*```http\n(?<http>((?!```).)*)\n```((?!```|<!--).)*```log\n(?<log>((?!```).)*)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Case();

    [GeneratedRegex("^Host:", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex HostField();

    [GeneratedRegex("^[A-Z-]+ [^ \r\n]+ HTTP/1\\.1\r\n", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex("^#+ (?<heading>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\\(?<code>r|n|t|f|x[0-9a-fA-F]{2})", RegexOptions.ExplicitCapture)]
    private static partial Regex Escape();
}
