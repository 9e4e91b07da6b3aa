using System.Collections;
using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Turns options into a tree, with secrets and filled-in values kept out of everything printable.</summary>
internal sealed class OptionTree(SourceMap? source, string? directory)
{
    // What tells the items of a list apart, in order of preference.
    private static readonly string[] IdentityKeys = ["url", "issuer", "cluster", "name", "by", "certificate"];

    private static readonly string[] CredentialNames = ["authorization", "cookie", "password", "passwd", "secret", "token", "api-key", "apikey", "credential"];

    public static OptionMap Of(GatewayOptions options, SourceMap? source = null, string? directory = null)
        => (OptionMap)new OptionTree(source, directory).Build(options, Shape.Of(typeof(GatewayOptions)), string.Empty, null);

    // The second path is where the binder noted a value that the file has in a shorter form: a single item without
    // brackets stands at its list's path, a shorthand at its record's.
    private OptionNode Build(object value, Shape shape, string path, string? shortPath) => shape switch
    {
        ScalarShape scalar => BuildValue(value, scalar, path, shortPath),
        ListShape list => BuildList((IEnumerable)value, list, path, shortPath),
        MapShape map => BuildMap((IDictionary)value, map, path),
        RecordShape record => BuildRecord(value, record, path, shortPath),
        PoliciesShape => BuildPolicies((PolicyOptions)value, path),
        _ => throw new NotSupportedException(shape.GetType().Name),
    };

    private OptionValue BuildValue(object value, ScalarShape shape, string path, string? shortPath)
    {
        var placeholder = source?.Placeholder(path) ?? (shortPath is null || source?.Contains(path) == true ? null : source?.Placeholder(shortPath));
        var text = shape == ScalarShape.FilePath ? FileName.Show((string)value, directory) : shape.Format(value);
        return new(value, shape, placeholder, text);
    }

    private OptionList BuildList(IEnumerable values, ListShape shape, string path, string? shortPath)
    {
        var items = new List<(string, OptionNode)>();
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var node = Build(value, shape.Item, $"{path}[{items.Count}]", items.Count == 0 ? shortPath ?? path : null);
            var identity = Identity(node) ?? string.Empty;
            used[identity] = used.GetValueOrDefault(identity) + 1;
            items.Add((used[identity] == 1 && identity.Length > 0 ? identity : $"{identity}#{used[identity]}", node));
        }

        return new(items);
    }

    private OptionMap BuildMap(IDictionary values, MapShape shape, string path)
    {
        var entries = new List<(string, OptionNode)>();
        foreach (DictionaryEntry entry in values)
        {
            var key = (string)entry.Key;
            var node = Build(entry.Value!, shape.Value, Join(path, key), null);
            entries.Add((key, node is OptionValue { IsPlaceholder: false } plain && IsCredential(key) ? Hidden(plain) : node));
        }

        return new(entries);
    }

    private OptionMap BuildRecord(object record, RecordShape shape, string path, string? shortPath)
    {
        var entries = new List<(string, OptionNode)>();
        foreach (var property in shape.Properties)
        {
            if (property.Get(record) is { } value)
                entries.Add((property.Name, Build(value, property.Shape, Join(path, property.Name), property.IsShorthand ? shortPath ?? path : null)));
        }

        return new(entries);
    }

    private OptionMap BuildPolicies(PolicyOptions policies, string path)
        => new([.. policies.ByKind.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Build(pair.Value, Shape.Of(pair.Value.GetType()), Join(path, pair.Key), null)))]);

    private static string? Identity(OptionNode node) => node switch
    {
        OptionValue value => value.Text,
        OptionMap map => IdentityKeys.Select(key => map[key]).OfType<OptionValue>().FirstOrDefault()?.Text,
        _ => null,
    };

    private static bool IsCredential(string name) => Array.Exists(CredentialNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static OptionValue Hidden(OptionValue value) => new(value.Value, ScalarShape.TryCreate(value.Value.GetType())!, Trust.Keys.Secret.Redacted, string.Empty);

    private static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;
}
