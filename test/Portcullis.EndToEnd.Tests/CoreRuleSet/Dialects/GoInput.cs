using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>
/// A request in the dialect of the runner that CRS 4 is tested with (go-ftw; schema in coreruleset/ftw-tests-schema). Headers of a mapping are sent sorted by
/// name, those of <c>ordered_headers</c> in their order. Unless <c>autocomplete_headers</c> is off, Content-Type, Connection and Content-Length are added
/// where absent, and a form that is not encoded yet is encoded. The line ends of a multipart body become CRLF in any case.
/// </summary>
internal static partial class GoInput
{
    private const string Form = "application/x-www-form-urlencoded";

    public static byte[] Build(YamlMappingNode input)
    {
        if (input.Text("encoded_request") is { } encoded) return Convert.FromBase64String(encoded);

        var isAutocompleted = input.Flag("autocomplete_headers") ?? input.Flag("stop_magic") is not true;
        var method = input.Text("method") ?? "GET";
        var headers = Headers(input);
        var data = Data(input);
        if (data.Length > 0 && isAutocompleted)
        {
            if (!Has(headers, "Content-Type")) headers.Add(("Content-Type", Form));
            if (Has(headers, "Content-Type", value => value.Equals(Form, StringComparison.OrdinalIgnoreCase))) data = EncodeForm(data);
        }

        if (Has(headers, "Content-Type", value => value.Contains("multipart/form-data;", StringComparison.OrdinalIgnoreCase)))
            data = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(data).Replace("\n", "\r\n", StringComparison.Ordinal));

        if (isAutocompleted)
        {
            if (!Has(headers, "Connection")) headers.Add(("Connection", "close"));
            if (!Has(headers, "Content-Length") && (data.Length > 0 || HasBody(method)))
                headers.Add(("Content-Length", data.Length.ToString(CultureInfo.InvariantCulture)));
        }

        return RequestText.Write(method, input.Text("uri") ?? "/", input.Text("version") ?? "HTTP/1.1", headers, data);
    }

    private static List<(string Name, string Value)> Headers(YamlMappingNode input) => input.At("ordered_headers") is null
        ? input.Mapping("headers")?.Pairs().OrderBy(pair => pair.Name, StringComparer.Ordinal).ToList() ?? []
        : [.. input.Mappings("ordered_headers").Select(pair => (pair.Text("name") ?? string.Empty, pair.Text("value") ?? string.Empty))];

    private static byte[] Data(YamlMappingNode input)
    {
        if (input.At("data") is YamlScalarNode text) return Encoding.UTF8.GetBytes(Expand(text.Value ?? string.Empty));
        return input.Text("encoded_data") is { } encoded ? Convert.FromBase64String(encoded) : [];
    }

    /// <summary>Bodies are Go templates, of which only the repetition of a text occurs.</summary>
    private static string Expand(string data)
    {
        var expanded = Repetition().Replace(data, match => new StringBuilder().Insert(0, match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)).ToString());
        return expanded.Contains("{{", StringComparison.Ordinal) ? throw new NotSupportedException($"Unknown template: {data}") : expanded;
    }

    private static bool Has(List<(string Name, string Value)> headers, string name, Predicate<string>? value = null)
        => headers.Exists(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && value?.Invoke(header.Value) is not false);

    /// <summary>The methods with which an empty body is announced; compared as loosely as the runner does.</summary>
    private static bool HasBody(string method) => method.StartsWith("POST", StringComparison.Ordinal) || method.Contains("PUT", StringComparison.Ordinal)
        || method.Contains("PATCH", StringComparison.Ordinal) || method.EndsWith("DELETE", StringComparison.Ordinal);

    /// <summary>Encodes names and values of what unescaping would leave as it is.</summary>
    private static byte[] EncodeForm(byte[] data)
    {
        var text = Encoding.UTF8.GetString(data);
        if (text.Contains('+', StringComparison.Ordinal) || !FormEncoding.IsWellFormed(text) || FormEncoding.DecodePercent(text) != text) return data;
        var tokens = (text.EndsWith('&') ? text[..^1] : text).Split('&');
        return Encoding.ASCII.GetBytes(string.Join('&', tokens.Select(token => string.Join('=', token.Split('=', 2).Select(FormEncoding.Encode)))));
    }

    [GeneratedRegex("""\{\{\s*"([^"]*)"\s*\|\s*repeat\s+(\d+)\s*\}\}""")]
    private static partial Regex Repetition();
}
