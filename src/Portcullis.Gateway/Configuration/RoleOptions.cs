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

    [Description("required: people who hold the role, also by another one that includes it, need a second factor, and what it grants counts only after a sign-in with it. Default: optional")]
    public RoleFactor Mfa { get; init; }
}
