using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Copies requests without a body, or with one of at most 64 KiB, to a second cluster. Its answers and failures have no effect.</summary>
public sealed record MirrorOptions
{
    [Description("Name of the cluster that gets the copies.")]
    [Shorthand]
    public required string Cluster { get; init; }

    [Description("Share of the requests, 0 to 1. Default: 1")]
    [Between("0", "1")]
    public double Share { get; init; } = 1;
}
