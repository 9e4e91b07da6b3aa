using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>
/// A request in the dialect of the runner that CRS 3 was tested with (ftw 1, in Python; <c>docs/YAMLFormat.md</c> in coreruleset/ftw). Headers keep their
/// order; unless <c>stop_magic</c> is set, a body gets a Content-Type and a Content-Length where there is none, and a form that is not encoded yet is encoded.
/// </summary>
internal static partial class PythonInput
{
    private const string Form = "application/x-www-form-urlencoded";

    public static byte[] Build(YamlMappingNode input)
    {
        if (input.Text("encoded_request") is { } encoded) return Convert.FromBase64String(encoded);
        if (input.Text("raw_request") is { } raw) return Encoding.UTF8.GetBytes(Unescape(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(raw))));

        var isMagic = input.Flag("stop_magic") is not true;
        var headers = input.Mapping("headers")?.Pairs().ToList() ?? [];
        var data = Data(input);
        if (data.Length > 0 && isMagic)
        {
            if (Value(headers, "Content-Type") is null) headers.Add(("Content-Type", Form));
            if (Value(headers, "Content-Type") == Form) data = EncodeForm(data);

            // In characters, where bytes were due: what the tests were recorded with.
            if (Value(headers, "Content-Length") is null) headers.Add(("Content-Length", Characters(data).ToString(CultureInfo.InvariantCulture)));
        }

        return RequestText.Write(
            input.Text("method") ?? "GET", input.Text("uri") ?? "/", input.Text("version") ?? "HTTP/1.1", headers, Encoding.UTF8.GetBytes(data));
    }

    /// <summary>A list is joined by line ends.</summary>
    private static string Data(YamlMappingNode input) => input.At("data") switch
    {
        null => string.Empty,
        YamlSequenceNode lines => string.Join("\r\n", lines.Children.Select(line => ((YamlScalarNode)line).Value)),
        var text => ((YamlScalarNode)text).Value ?? string.Empty,
    };

    /// <summary>Header names are compared as they are written.</summary>
    private static string? Value(List<(string Name, string Value)> headers, string name)
    {
        var at = headers.FindIndex(header => header.Name == name);
        return at < 0 ? null : headers[at].Value;
    }

    /// <summary>Encodes what holds no escape yet. Pairs without a value drop out; a text without any pair stays as it is.</summary>
    private static string EncodeForm(string data)
    {
        if (FormEncoding.DecodePercent(data) != data) return data;
        var pairs = data.Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2 && pair[1].Length > 0).Select(pair => $"{Encode(pair[0])}={Encode(pair[1])}").ToArray();
        return pairs.Length == 0 ? data : string.Join('&', pairs);

        static string Encode(string text) => FormEncoding.Encode(text.Replace('+', ' '));
    }

    private static int Characters(string text) => text.EnumerateRunes().Count();

    /// <summary>Python's escapes of strings, those that occur, in a text whose characters are bytes.</summary>
    private static string Unescape(string text) => Escape().Replace(text, match => match.Groups[1].Value switch
    {
        "r" => "\r",
        "n" => "\n",
        "t" => "\t",
        ['x', .. var hex] => ((char)Convert.ToByte(hex, 16)).ToString(),
        var other => other,
    });

    [GeneratedRegex(@"\\(x[0-9a-fA-F]{2}|.)", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
