using System.Globalization;
using System.Text;
using Portcullis.Gateway.Configuration.Comparison;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// A configuration as it works, written out as YAML: every default, every override. Secrets read <c>[redacted]</c>, values that
/// were filled in read as their placeholder, so the text may be logged and kept. Without secrets it loads to the same options.
/// </summary>
public static class EffectiveConfiguration
{
    private const int FlowWidth = 100;

    /// <summary>The configuration of a load, which knows what was filled in. Files below its directory are shown relative to it.</summary>
    public static string ToYaml(LoadResult loaded)
    {
        var text = new StringBuilder();
        WriteMap(text, OptionTree.Of(loaded.Bound, loaded.Source, loaded.Directory), 0);
        return text.ToString();
    }

    private static void WriteMap(StringBuilder text, OptionMap map, int depth)
    {
        foreach (var (key, node) in map.Entries)
        {
            Indent(text, depth).Append(Plain(key)).Append(':');
            WriteBelow(text, node, depth);
        }
    }

    private static void WriteBelow(StringBuilder text, OptionNode node, int depth)
    {
        if (TryFlow(node) is { } flow)
        {
            text.Append(' ').Append(flow).Append('\n');
            return;
        }

        text.Append('\n');
        if (node is OptionMap map) WriteMap(text, map, depth + 1);
        else if (node is OptionList list)
        {
            foreach (var item in list.Items)
            {
                Indent(text, depth + 1).Append('-');
                WriteBelow(text, item.Node, depth + 1);
            }
        }
    }

    // Values, empty collections and short lists of values go on one line.
    private static string? TryFlow(OptionNode node)
    {
        switch (node)
        {
            case OptionValue value:
                return Scalar(value);
            case OptionMap { Entries.Count: 0 }:
                return "{}";
            case OptionList list when list.Items.All(item => item.Node is OptionValue):
                var flow = "[" + string.Join(", ", list.Items.Select(item => Scalar((OptionValue)item.Node))) + "]";
                return flow.Length <= FlowWidth || list.Items.Count < 2 ? flow : null;
            default:
                return null;
        }
    }

    private static string Scalar(OptionValue value) => Plain(value.IsPlaceholder ? value.Text : value.Text.Replace("${", "$${", StringComparison.Ordinal));

    private static string Plain(string text)
    {
        if (text.Length > 0 && text is not ("null" or "Null" or "NULL") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '_' or '-') && text[0] is not '-') return text;

        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format || c is '\u2028' or '\u2029') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static StringBuilder Indent(StringBuilder text, int depth) => text.Append(' ', depth * 2);
}
