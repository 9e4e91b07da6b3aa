using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>A role: permissions under a name.</summary>
public sealed record RoleOptions
{
    [Description("Permissions resource:action that its holders have. A word may be * and then stands for any one word: orders:*.")]
    [Shorthand]
    public IReadOnlyList<string> Permissions { get; init; } = [];

    [Description("Roles whose permissions its holders have as well.")]
    public IReadOnlyList<string> Includes { get; init; } = [];
}
