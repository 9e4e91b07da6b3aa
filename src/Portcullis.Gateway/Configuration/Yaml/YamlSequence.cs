namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    public YamlSequence(IReadOnlyList<YamlNode> items)
    {
        Items = items;
        Size = 1 + items.Sum(item => item.Size);
    }

    public IReadOnlyList<YamlNode> Items { get; }

    public override int Size { get; }
}
