using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Opens when too many requests to a destination fail, so that they fail at once instead of waiting.</summary>
public sealed record CircuitBreakerOptions
{
    [Description("Share of failed requests, 0 to 1, that opens the circuit; 1 turns it off. Default: 0.5")]
    [Between("0.01", "1")]
    public double FailureRatio { get; init; } = 0.5;

    [Description("Requests in the window below which it never opens. Default: 20")]
    [Between(1, 1000000)]
    public int MinimumRequests { get; init; } = 20;

    [Description("The window that is looked at. Default: 10s")]
    [Between("1s", "1h")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    [Description("How long it stays open before single requests probe the destination. Default: 5s")]
    [Between("100ms", "1h")]
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(5);
}
