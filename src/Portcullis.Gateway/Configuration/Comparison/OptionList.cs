namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Several values. Each has an identity by which it is found in another version of the list.</summary>
internal sealed class OptionList(IReadOnlyList<(string Identity, OptionNode Node)> items) : OptionNode
{
    public IReadOnlyList<(string Identity, OptionNode Node)> Items => items;
}
