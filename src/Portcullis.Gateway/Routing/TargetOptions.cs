using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Routing;

/// <summary>Limits and choices of <see cref="TargetNormaliser"/>. Immutable and shared by all requests of a listener.</summary>
internal sealed record TargetOptions
{
    /// <summary>The defaults: 8 KiB of path, 16 KiB of query, encoded slashes refused.</summary>
    public static TargetOptions Default { get; } = new();

    /// <summary>Octets of path accepted, as sent and as normalised. Default 8,192.</summary>
    public int MaximumPathLength { get; init; } = 8 * 1024;

    /// <summary>Octets of query accepted, without its <c>?</c>. Default 16,384.</summary>
    public int MaximumQueryLength { get; init; } = 16 * 1024;

    /// <summary>What becomes of <c>%2F</c>. Default: refused.</summary>
    public EncodedSlashes EncodedSlashes { get; init; } = EncodedSlashes.Refuse;
}
