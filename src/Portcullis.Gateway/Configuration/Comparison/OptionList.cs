namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Several values.</summary>
internal sealed class OptionList(IReadOnlyList<OptionItem> items) : OptionNode
{
    public IReadOnlyList<OptionItem> Items => items;
}
