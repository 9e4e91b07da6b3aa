using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Logs, metrics and traces. None of them holds credentials, query strings or bodies, unless matched values are shown.</summary>
public sealed record TelemetryOptions
{
    [Description("File that gets one JSON line per request. Default: none")]
    [FilePath]
    public string? DecisionLog { get; init; }

    [Description("Shortens client addresses in logs to /24 (IPv4) and /48 (IPv6). Default: false")]
    public bool MaskAddresses { get; init; }

    [Description("Least severe level on the console: debug, information, warning, error. Default: information")]
    public LogVerbosity LogLevel { get; init; } = LogVerbosity.Information;

    [Description("Shows values that rules matched in the decision log, instead of their shape; they are the clients' and may be personal or secret. Default: false")]
    public bool ShowMatchedValues { get; init; }

    [Description("Adds the header X-Waf-Rules with the ids of rules that matched to responses, and all that matched to the decision log: for test benches only. Default: false")]
    public bool ExposeWafRules { get; init; }

    [Description("Sends traces and metrics to an OpenTelemetry collector. Default: off")]
    public OtlpOptions? Otlp { get; init; }
}
