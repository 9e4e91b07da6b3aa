using System.Collections;
using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Turns options into a tree, with secrets and filled-in values kept out of everything printable.</summary>
internal sealed class OptionTree(SourceMap? source, string? directory)
{
    // What tells the items of a list apart, in order of preference.
    private static readonly string[] IdentityKeys = ["url", "issuer", "cluster", "name", "by", "certificate", "rule", "tag", "caller"];

    private static readonly string[] CredentialNames = ["authorization", "cookie", "password", "passwd", "secret", "token", "api-key", "apikey", "credential"];

    public static OptionMap Of(GatewayOptions options, SourceMap? source = null, string? directory = null)
        => (OptionMap)new OptionTree(source, directory).Build(options, Shape.Of(typeof(GatewayOptions)), [string.Empty]);

    // A value has several paths where the file may have it in a shorter form: a single item without brackets stands at its
    // list's path, a shorthand at its record's. The longest comes first.
    private OptionNode Build(object value, Shape shape, string[] paths) => shape switch
    {
        ScalarShape scalar => BuildValue(value, scalar, paths),
        ListShape list => BuildList((IEnumerable)value, list, paths),
        MapShape map => BuildMap((IDictionary)value, map, paths[0]),
        RecordShape record => BuildRecord(value, record, paths),
        PoliciesShape => BuildPolicies((PolicyOptions)value, paths[0]),
        _ => throw new NotSupportedException(shape.GetType().Name),
    };

    private OptionValue BuildValue(object value, ScalarShape shape, string[] paths)
    {
        var place = source is null ? null : Array.Find(paths, source.Contains);
        var placeholder = place is null ? null : source!.Placeholder(place);
        var text = shape == ScalarShape.FilePath || (shape == ScalarShape.RuleSource && (string)value != Portcullis.Waf.RuleSet.Builtin) ? FileName.Show((string)value, directory) : shape.Format(value);
        return new(value, shape, placeholder, text);
    }

    private OptionList BuildList(IEnumerable values, ListShape shape, string[] paths)
    {
        var items = new List<OptionItem>();
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var numbered = paths.Select(path => $"{path}[{items.Count}]");
            var node = Build(value, shape.Item, items.Count == 0 ? [.. numbered, .. paths] : [.. numbered]);
            var identity = Identity(node);
            var (key, label) = (identity?.Plain ?? string.Empty, identity?.Text ?? string.Empty);
            var number = used[key] = used.GetValueOrDefault(key) + 1;
            items.Add(new(key, number, number == 1 && label.Length > 0 ? label : $"{label}#{number}", node));
        }

        return new(items);
    }

    private OptionMap BuildMap(IDictionary values, MapShape shape, string path)
    {
        var entries = new List<(string, OptionNode)>();
        foreach (DictionaryEntry entry in values)
        {
            var key = (string)entry.Key;
            var node = Build(entry.Value!, shape.Value, [Join(path, key)]);
            entries.Add((key, node is OptionValue { IsPlaceholder: false } plain && IsCredential(key) ? Hidden(plain) : node));
        }

        return new(entries);
    }

    private OptionMap BuildRecord(object record, RecordShape shape, string[] paths)
    {
        var entries = new List<(string, OptionNode)>();
        foreach (var property in shape.Properties)
        {
            if (property.Get(record) is not { } value) continue;
            var named = paths.Select(path => Join(path, property.Name));
            entries.Add((property.Name, Build(value, property.Shape, property.IsShorthand ? [.. named, .. paths] : [.. named])));
        }

        return new(entries);
    }

    private OptionMap BuildPolicies(PolicyOptions policies, string path)
        => new([.. policies.ByKind.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Build(pair.Value, Shape.Of(pair.Value.GetType()), [Join(path, pair.Key)])))]);

    private static OptionValue? Identity(OptionNode node) => node switch
    {
        OptionValue value => value,
        OptionMap map => IdentityKeys.Select(key => map[key]).OfType<OptionValue>().FirstOrDefault(),
        _ => null,
    };

    private static bool IsCredential(string name) => Array.Exists(CredentialNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static OptionValue Hidden(OptionValue value) => new(value.Value, ScalarShape.TryCreate(value.Value.GetType())!, Trust.Keys.Secret.Redacted, string.Empty);

    private static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;
}
