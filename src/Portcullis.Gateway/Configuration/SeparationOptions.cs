using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Permissions that exclude each other: nobody may hold two of them.</summary>
public sealed record SeparationOptions
{
    [Description("Two or more permissions, no two of which anybody may hold, by whatever roles. A word may be *.")]
    [Shorthand]
    public IReadOnlyList<string> Permissions { get; init; } = [];
}
