namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Values by key, in order; keys without a value are left out.</summary>
internal sealed class OptionMap(IReadOnlyList<(string Key, OptionNode Node)> entries) : OptionNode
{
    private readonly Lazy<Dictionary<string, OptionNode>> byKey = new(() => entries.ToDictionary(entry => entry.Key, entry => entry.Node, StringComparer.Ordinal), isThreadSafe: false);

    public IReadOnlyList<(string Key, OptionNode Node)> Entries => entries;

    public OptionNode? this[string key] => byKey.Value.GetValueOrDefault(key);
}
