using Portcullis.Gateway.Configuration.Yaml;
using Portcullis.Gateway.Policies;
using Portcullis.Waf;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>
/// Nodes to records, strictly: every key is known and written once, every value is of its type and within its bounds. Reports all
/// that is wrong and goes on; what can't be bound is left out, so that later checks see the rest.
/// </summary>
internal sealed class Binder(SourceMap source, ConfigurationProblems problems, IReadOnlyList<PolicyKind> kinds, Placeholders placeholders, string directory)
{
    private const int LongestName = 64;

    /// <summary>Binds the file as a whole.</summary>
    public GatewayOptions BindRoot(YamlNode root)
    {
        source.Add(string.Empty, root.Line, root.Column);
        return Bind(Shape.Of(typeof(GatewayOptions)), root, string.Empty, null) as GatewayOptions ?? new GatewayOptions();
    }

    // Null after an error was reported.
    private object? Bind(Shape shape, YamlNode node, string path, Bounds? bounds)
    {
        if (node is YamlScalar { IsNull: true })
        {
            problems.Error(path, "has no value", $"write {shape.Expected}, or remove the key");
            return null;
        }

        return shape switch
        {
            ScalarShape scalar => BindScalar(scalar, node, path, bounds),
            ListShape list => BindList(list, node, path, bounds),
            MapShape map => BindMap(map, node, path),
            RecordShape record => BindRecord(record, node, path),
            PoliciesShape => BindPolicies(node, path),
            _ => throw new NotSupportedException(shape.GetType().Name),
        };
    }

    private object? BindScalar(ScalarShape shape, YamlNode node, string path, Bounds? bounds)
    {
        if (node is not YamlScalar scalar)
        {
            problems.Error(path, $"expected {shape.Expected}, found {Kind(node)}", "write a single value");
            return null;
        }

        if (!placeholders.TryFill(scalar, path, out var text, out var isFilledIn)) return null;
        if (shape.IsSecret && !isFilledIn)
        {
            source.Hide(text);
            problems.Warning(path, "a secret stands in the file itself", "keep it outside and write ${env:NAME} or ${file:PATH}");
        }

        var shown = isFilledIn ? "the value that is filled in here" : Excerpt.Quote(text);
        if (!shape.TryParse(text, out var value, out var detail))
        {
            var near = shape.Names is { } names && !isFilledIn && NearestName.Of(text, names) is { } nearest ? $"did you mean {nearest}?" : null;
            var message = shape.IsSecret ? "expected a secret that is not empty" : $"expected {shape.Expected}, found {shown}";
            problems.Error(path, message, near ?? (isFilledIn ? null : detail) ?? Advice(shape, text));
            return null;
        }

        if (bounds is not null && !bounds.Hold(value))
        {
            problems.Error(path, $"must be from {bounds.MinimumText} to {bounds.MaximumText}, found {shown}", "write a value within these bounds");
            return null;
        }

        if (value is string line && line.AsSpan().IndexOfAnyInRange('\0', '\x1F') >= 0 | line.Contains('\x7F'))
        {
            problems.Error(path, "holds a line break or another control character", "write the value on one line; a block of text that ends without a line break begins with >- or |-");
            return null;
        }

        return shape == ScalarShape.FilePath || (shape == ScalarShape.RuleSource && text != RuleSet.Builtin) ? Path.GetFullPath(text, directory) : value;
    }

    private object BindList(ListShape shape, YamlNode node, string path, Bounds? bounds)
    {
        if (node is not YamlSequence sequence)
        {
            // One item needs no brackets.
            return shape.Create(Bind(shape.Item, node, path, bounds) is { } only ? [only] : []);
        }

        var values = new List<object?>(sequence.Items.Count);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var item = $"{path}[{i}]";
            Locate(item, sequence.Items[i], sequence.Items[i]);
            if (Bind(shape.Item, sequence.Items[i], item, bounds) is { } value) values.Add(value);
        }

        return shape.Create(values);
    }

    private object BindMap(MapShape shape, YamlNode node, string path)
    {
        var map = shape.Create();
        foreach (var (key, value, entryPath) in Entries(node, path, shape))
        {
            if (!IsName(key.Text))
            {
                ErrorAtKey(key, path, $"{Excerpt.Quote(key.Text)} can't be a name", "names are 1 to 64 letters, digits, dots, underscores and hyphens");
                continue;
            }

            if (Bind(shape.Value, value, entryPath, null) is { } bound) map[key.Text] = bound;
        }

        return map;
    }

    private PolicyOptions BindPolicies(YamlNode node, string path)
    {
        var byKind = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value, entryPath) in Entries(node, path, new PoliciesShape()))
        {
            var kind = kinds.FirstOrDefault(kind => kind.Name == key.Text);
            if (kind is null) Unknown(key, path, "policy", [.. kinds.Select(known => known.Name)]);
            else if (Bind(Shape.Of(kind.OptionsType), value, entryPath, null) is { } options) byKind[kind.Name] = options;
        }

        return new PolicyOptions(byKind);
    }

    private object? BindRecord(RecordShape shape, YamlNode node, string path)
    {
        var record = shape.Create();
        var written = new HashSet<OptionProperty>();
        var complete = true;
        if (shape.Shorthand is { } shorthand && (node is not YamlMapping mapping || IsItem(mapping, shape, shorthand)))
        {
            written.Add(shorthand);
            source.AddShorthand($"{path}.{shorthand.Name}", path);
            complete = BindProperty(shorthand, record, node, path);
        }
        else
        {
            foreach (var (key, value, entryPath) in Entries(node, path, shape))
            {
                if (shape.Find(key.Text) is not { } property)
                {
                    Unknown(key, path, "key", [.. shape.Names]);
                    continue;
                }

                written.Add(property);
                complete &= BindProperty(property, record, value, entryPath);
            }

            if (node is not YamlMapping) return null;
        }

        foreach (var property in shape.Properties)
        {
            if (written.Contains(property)) continue;
            if (property.Shape == ScalarShape.FilePath && property.Default is string file) property.Set(record, Path.GetFullPath(file, directory));
            if (!property.IsRequired) continue;
            complete = false;
            if (source.Contains(Join(path, property.Name))) continue;
            problems.Error(path, $"{Excerpt.Quote(property.Name)} is missing", $"add {property.Name}: {(property.Shape is ScalarShape scalar ? scalar.Example : property.Shape.Expected)}");
        }

        return complete ? record : null;
    }

    // One item of a list that the record stands for, written without brackets: its keys are the item's and not the record's.
    private static bool IsItem(YamlMapping mapping, RecordShape shape, OptionProperty shorthand)
        => shorthand.Shape is ListShape { Item: RecordShape item }
            && mapping.Entries.Any(entry => item.Find(entry.Key.Text) is not null)
            && mapping.Entries.All(entry => shape.Find(entry.Key.Text) is null);

    // A value that can't be bound leaves the default in place, so that the rest of the record can still be checked,
    // unless there is no default.
    private bool BindProperty(OptionProperty property, object record, YamlNode node, string path)
    {
        if (Bind(property.Shape, node, path, property.Bounds) is not { } value) return !property.IsRequired;
        property.Set(record, value);
        return true;
    }

    // The entries of a mapping that are written once; reports the others, and anything that is no mapping.
    private IEnumerable<(YamlScalar Key, YamlNode Value, string Path)> Entries(YamlNode node, string path, Shape shape)
    {
        if (node is not YamlMapping mapping)
        {
            problems.Error(path, $"expected {shape.Expected}, found {Kind(node)}", "write the keys on lines of their own, indented below this one");
            yield break;
        }

        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        foreach (var (key, value) in mapping.Entries)
        {
            if (!seen.TryAdd(key.Text, key))
            {
                ErrorAtKey(key, path, $"{Excerpt.Quote(key.Text)} is written twice", $"remove one; the first is in line {seen[key.Text].Line}");
                continue;
            }

            var entryPath = Join(path, key.Text);
            if (key.Text.Length <= LongestName) Locate(entryPath, key, value);
            yield return (key, value, entryPath);
        }
    }

    private void Locate(string path, YamlNode key, YamlNode value)
    {
        var place = value is YamlScalar { IsNull: false } && value.Variable is null ? value : key;
        if (value.Variable is { } variable) source.AddVariable(path, variable);
        else source.Add(path, place.Line, place.Column);
        if (value is YamlScalar { Variable: { } filled }) source.AddFilledIn(path, "${env:" + filled + "}");
    }

    private void Unknown(YamlScalar key, string path, string what, IReadOnlyList<string> known)
    {
        if (LaterKeys.Contains(path, key.Text))
        {
            ErrorAtKey(key, path, $"unknown {what} {Excerpt.Quote(key.Text)}", "not supported by this version; remove it");
            return;
        }

        if (problems.IsFull)
        {
            ErrorAtKey(key, path, "unknown", "remove it");
            return;
        }

        // A misspelt key counts as written, so that it is not reported as missing too.
        if (NearestName.Of(key.Text, known) is { } meant) source.Add(Join(path, meant), key.Line, key.Column);
        ErrorAtKey(key, path, $"unknown {what} {Excerpt.Quote(key.Text)}", NearestName.Hint(key.Text, known) ?? "remove it, or see the documentation for the known keys");
    }

    private void ErrorAtKey(YamlScalar key, string parent, string message, string hint)
    {
        var path = Join(parent, Excerpt.Of(key.Text, LongestName));
        if (key.Variable is null) problems.ErrorAt(key.Line, key.Column, path, message, hint);
        else problems.Error(path, message, hint);
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;

    private static string Advice(ScalarShape shape, string text) => shape.Example switch
    {
        "true" when text is "yes" or "on" or "True" or "TRUE" => "write true",
        "true" when text is "no" or "off" or "False" or "FALSE" => "write false",
        var example => "for example " + example,
    };

    private static string Kind(YamlNode node) => node switch
    {
        YamlScalar => "a single value",
        YamlSequence => "a list",
        _ => "keys and values",
    };

    private static bool IsName(string text)
        => text.Length is > 0 and <= LongestName && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
