namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>A value of the file, with where it stands. Immutable: aliases share nodes.</summary>
internal abstract class YamlNode
{
    /// <summary>From 1.</summary>
    public required int Line { get; init; }

    /// <summary>From 1.</summary>
    public required int Column { get; init; }

    /// <summary>The environment variable that the value comes from instead of the file.</summary>
    public string? Variable { get; init; }

    /// <summary>Nodes in this tree with every alias written out.</summary>
    public abstract int Size { get; }
}
