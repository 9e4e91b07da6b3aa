namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Values by key, in order; keys without a value are left out.</summary>
internal sealed class OptionMap(IReadOnlyList<(string Key, OptionNode Node)> entries) : OptionNode
{
    public IReadOnlyList<(string Key, OptionNode Node)> Entries => entries;

    public OptionNode? this[string key]
    {
        get
        {
            foreach (var (name, node) in entries)
            {
                if (name == key) return node;
            }

            return null;
        }
    }
}
