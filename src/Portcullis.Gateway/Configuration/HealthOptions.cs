using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>How a destination is found healthy or not. While none is healthy, all are tried.</summary>
public sealed record HealthOptions
{
    [Description("Path of the active check (GET; 2xx and 3xx are healthy). Default: no active check")]
    public string? Path { get; init; }

    [Description("Time between two active checks. Default: 5s")]
    [Between("100ms", "24h")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    [Description("How long an active check may take. Default: 2s")]
    [Between("1ms", "10m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("Failed checks in a row that make a destination unhealthy. Default: 2")]
    [Between(1, 1000)]
    public int UnhealthyAfter { get; init; } = 2;

    [Description("Passed checks in a row that make it healthy again. Default: 2")]
    [Between(1, 1000)]
    public int HealthyAfter { get; init; } = 2;

    [Description("Watches real requests too: connection failures, time-outs and 5xx in a row. Default: true")]
    public bool Passive { get; init; } = true;

    [Description("Failed requests in a row that make a destination unhealthy. Default: 5")]
    [Between(1, 1000)]
    public int PassiveFailures { get; init; } = 5;

    [Description("How long passive checks keep a destination out. Default: 10s")]
    [Between("100ms", "24h")]
    public TimeSpan PassivePause { get; init; } = TimeSpan.FromSeconds(10);

    [Description("A destination that comes back gets its full share only after this time. Default: 10s; 0s turns it off")]
    [Between("0s", "1h")]
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(10);
}
