using System.Globalization;
using Portcullis.Gateway.Configuration.Yaml;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>
/// Puts the values of <c>PORTCULLIS__identity__issuer</c> and the like over those of the file. A part that is a number is an
/// index where the file has a list; the first index past its end adds an item.
/// </summary>
internal static class EnvironmentOverrides
{
    public const string Prefix = "PORTCULLIS__";

    /// <summary>The tree with every override applied. Nodes are shared with <paramref name="root"/> where nothing changed.</summary>
    public static YamlNode? Apply(YamlNode? root, IReadOnlyDictionary<string, string> variables, SourceMap source, ConfigurationProblems problems)
    {
        var overrides = variables.Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(pair => (Variable: pair.Key, Parts: pair.Key[Prefix.Length..].Split("__"), pair.Value))
            .OrderBy(entry => entry.Parts, Comparer<string[]>.Create(Compare))
            .ThenBy(entry => entry.Variable, StringComparer.Ordinal);
        foreach (var (variable, parts, value) in overrides)
        {
            if (parts.Length > YamlComposer.MaximumDepth || Array.Exists(parts, part => part.Length == 0))
            {
                source.AddVariable(variable, variable);
                problems.Error(variable, "is not a key path", "write the keys with two underscores between them, such as PORTCULLIS__identity__issuer");
                continue;
            }

            source.Hide(value);
            var leaf = new YamlScalar { Text = value, IsPlain = false, Line = 0, Column = 0, Variable = variable };
            root = Set(root, parts, 0, leaf, source, problems) ?? root;
        }

        return root;
    }

    // Null after an error.
    private static YamlNode? Set(YamlNode? node, string[] parts, int index, YamlScalar leaf, SourceMap source, ConfigurationProblems problems)
    {
        if (index == parts.Length) return leaf;
        switch (node)
        {
            case null:
            case YamlScalar { IsNull: true }:
                {
                    // Nothing there: a list where the variable counts, else a mapping.
                    if (parts[index] == "0")
                        return Set(null, parts, index + 1, leaf, source, problems) is { } first ? new YamlSequence([first]) { Line = 0, Column = 0, Variable = leaf.Variable } : null;
                    return Set(null, parts, index + 1, leaf, source, problems) is { } only
                        ? new YamlMapping([new(Key(parts[index], leaf), only)]) { Line = 0, Column = 0, Variable = leaf.Variable }
                        : null;
                }

            case YamlMapping mapping:
                {
                    var entries = mapping.Entries.ToList();
                    var at = entries.FindIndex(entry => entry.Key.Text == parts[index]);
                    if (Set(at < 0 ? null : entries[at].Value, parts, index + 1, leaf, source, problems) is not { } value) return null;
                    if (at < 0) entries.Add(new(Key(parts[index], leaf), value));
                    else entries[at] = new(entries[at].Key, value);
                    return new YamlMapping(entries) { Line = mapping.Line, Column = mapping.Column, Variable = mapping.Variable };
                }

            case YamlSequence sequence when TryIndex(parts[index], out var item) && item <= sequence.Items.Count:
                {
                    var items = sequence.Items.ToList();
                    if (Set(item < items.Count ? items[item] : null, parts, index + 1, leaf, source, problems) is not { } value) return null;
                    if (item == items.Count) items.Add(value);
                    else items[item] = value;
                    return new YamlSequence(items) { Line = sequence.Line, Column = sequence.Column, Variable = sequence.Variable };
                }

            default:
                var path = string.Join('.', parts[..index]);
                source.AddVariable(leaf.Variable!, leaf.Variable!);
                problems.Error(
                    leaf.Variable!,
                    node is YamlSequence list ? $"{Excerpt.Quote(parts[index])} is no index of the list {path}, which has {list.Items.Count} items" : $"{path} is a single value in the file, so nothing can be set below it",
                    node is YamlSequence ? "count from 0; the number of items adds one" : $"set {string.Join("__", [Prefix[..^2], .. parts[..index]])} itself, or write the keys in the file");
                return null;
        }
    }

    private static YamlScalar Key(string name, YamlScalar leaf) => new() { Text = name, IsPlain = true, Line = 0, Column = 0, Variable = leaf.Variable };

    private static bool TryIndex(string text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);

    // Numbers by value, so that item 9 is added before item 10.
    private static int Compare(string[]? left, string[]? right)
    {
        for (var i = 0; i < Math.Min(left!.Length, right!.Length); i++)
        {
            var order = TryIndex(left[i], out var a) && TryIndex(right[i], out var b) ? a.CompareTo(b) : string.CompareOrdinal(left[i], right[i]);
            if (order != 0) return order;
        }

        return left.Length.CompareTo(right!.Length);
    }
}
