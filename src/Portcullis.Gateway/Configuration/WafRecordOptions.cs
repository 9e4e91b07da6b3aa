using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Requests that are kept whole, sealed, to try other rules on them.</summary>
public sealed record WafRecordOptions
{
    [Description("File that requests are recorded in, sealed by the gateway's keys.")]
    [FilePath]
    public required string Path { get; init; }

    [Description("Share of the requests that are recorded, 0.0001 to 1. Default: 0.1")]
    [Between("0.0001", "1")]
    public double Sample { get; init; } = 0.1;

    [Description("Recording ends at so many requests, 1 to 1000000. Default: 10000")]
    [Between(1, 1_000_000)]
    public int MaxRequests { get; init; } = 10_000;

    [Description("Recording ends at this size of the file. Default: 64MiB")]
    [ByteSize]
    [Between("64KiB", "1GiB")]
    public long MaxBytes { get; init; } = 64 << 20;
}
