namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>A plain or quoted value. What it means depends on the key it stands under, never on how it looks.</summary>
internal sealed class YamlScalar : YamlNode
{
    public required string Text { get; init; }

    /// <summary>Without quotes and not a block of text.</summary>
    public required bool IsPlain { get; init; }

    public override int Size => 1;

    /// <summary>Nothing at all, or one of the words that YAML reads as nothing.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}
