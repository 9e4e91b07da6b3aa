using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>Reads the values of a YAML mapping; what is absent or null is the default.</summary>
internal static class YamlValues
{
    /// <summary>The mapping at the root of a file; null where the file holds nothing but comments.</summary>
    public static YamlMappingNode? Load(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(file);
        stream.Load(reader);
        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode as YamlMappingNode;
    }

    public static YamlNode? At(this YamlMappingNode mapping, string key)
        => mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) && !IsNull(node) ? node : null;

    public static YamlMappingNode? Mapping(this YamlMappingNode mapping, string key) => (YamlMappingNode?)mapping.At(key);

    public static IEnumerable<YamlMappingNode> Mappings(this YamlMappingNode mapping, string key)
        => mapping.At(key) is YamlSequenceNode list ? list.Children.Cast<YamlMappingNode>() : [];

    public static string? Text(this YamlMappingNode mapping, string key) => ((YamlScalarNode?)mapping.At(key))?.Value;

    public static bool? Flag(this YamlMappingNode mapping, string key) => mapping.Text(key) is { } text ? bool.Parse(text) : null;

    /// <summary>One number or a list of numbers.</summary>
    public static IReadOnlyList<int> Numbers(this YamlMappingNode mapping, string key) => mapping.At(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Select(Number)],
        var one => [Number(one)],
    };

    /// <summary>The pairs of a mapping of names to plain values, in their order.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(this YamlMappingNode mapping)
        => mapping.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, ((YamlScalarNode)pair.Value).Value ?? string.Empty));

    private static int Number(YamlNode node) => int.Parse(((YamlScalarNode)node).Value!, CultureInfo.InvariantCulture);

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };
}
