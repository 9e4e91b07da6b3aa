using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>One arm of a canary split.</summary>
public sealed record SplitOptions
{
    [Description("Name of the cluster.")]
    public required string Cluster { get; init; }

    [Description("Share relative to the other arms, 0 to 1000.")]
    [Between(0, 1000)]
    public required int Weight { get; init; }
}
