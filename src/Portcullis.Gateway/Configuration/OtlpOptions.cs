using System.ComponentModel;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Configuration;

/// <summary>An OpenTelemetry collector.</summary>
public sealed record OtlpOptions
{
    [Description("URL of the collector: http://host:4317 for gRPC, http://host:4318 for HTTP.")]
    [Shorthand]
    public required Uri Endpoint { get; init; }

    [Description("grpc or http (protobuf). Default: grpc")]
    public OtlpProtocol Protocol { get; init; } = OtlpProtocol.Grpc;

    [Description("Extra header fields, name=value separated by commas; may hold a secret.")]
    public Secret? Headers { get; init; }

    [Description("Share of requests that are traced, 0 to 1, whatever clients ask for; a trusted proxy decides itself. Default: 0.1")]
    [Between("0", "1")]
    public double SampleRatio { get; init; } = 0.1;

    [Description("Time between two exports of metrics. Default: 30s")]
    [Between("1s", "1h")]
    public TimeSpan MetricsInterval { get; init; } = TimeSpan.FromSeconds(30);
}
