namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>Keys and values in the order of the file, duplicates included: whoever reads it reports them.</summary>
internal sealed class YamlMapping : YamlNode
{
    public YamlMapping(IReadOnlyList<YamlEntry> entries)
    {
        Entries = entries;
        Size = 1 + entries.Sum(entry => entry.Value.Size);
    }

    public IReadOnlyList<YamlEntry> Entries { get; }

    public override int Size { get; }
}
