using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Upstream servers that answer the same requests, and how they are chosen, watched and reached.</summary>
public sealed record ClusterOptions
{
    [Description("The servers: URLs (http or https, no path), or objects with url and weight. At least one.")]
    public required IReadOnlyList<DestinationOptions> Destinations { get; init; }

    [Description("How a destination is chosen. Default: powerOfTwo")]
    public Balance Balance { get; init; } = Balance.PowerOfTwo;

    [Description("What balance: hash hashes. Default: the client's address")]
    public HashOptions Hash { get; init; } = new();

    [Description("Keeps a client on one destination by a cookie. Default: off")]
    public AffinityOptions? Affinity { get; init; }

    [Description("Active and passive health checks. Default: passive only")]
    public HealthOptions Health { get; init; } = new();

    [Description("From the start of the request to the response head, over all tries. Default: 30s")]
    [Between("1ms", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Per try, to the response head. Default: the whole timeout")]
    [Between("1ms", "24h")]
    public TimeSpan? TryTimeout { get; init; }

    [Description("Longest that a client is waited for within its request body, before 408; only octets at the listener's minimumBodyRate win it more time. For streams to http2 destinations idleTimeout holds instead. Default: 30s")]
    [Between("1s", "24h")]
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Longest silence in a response or upgraded stream before it is cut. Default: 5m")]
    [Between("1s", "24h")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    [Description("Further tries after a failed one, 0 to 10: where nothing was sent, or for GET, HEAD, OPTIONS and other idempotent methods without body. Default: 1")]
    [Between(0, 10)]
    public int Retries { get; init; } = 1;

    [Description("At most this share of requests may be retries (over 10 s, beside a floor of 3 per second), so that retries never double an outage. Default: 0.2")]
    [Between("0", "1")]
    public double RetryBudget { get; init; } = 0.2;

    [Description("Stops asking a destination that keeps failing. Default: on, with the defaults of its keys")]
    public CircuitBreakerOptions CircuitBreaker { get; init; } = new();

    [Description("Upstream connections and their caps.")]
    public ConnectionOptions Connections { get; init; } = new();

    [Description("HTTP version spoken to the destinations: http1, http2 (h2 over TLS, h2c by prior knowledge on http URLs). Default: http1")]
    public UpstreamProtocol Protocol { get; init; } = UpstreamProtocol.Http1;

    [Description("How https destinations are verified and whether a client certificate is shown.")]
    public UpstreamTlsOptions Tls { get; init; } = new();

    [Description("Addresses that destinations may resolve to.")]
    public NetworkOptions Network { get; init; } = new();

    [Description("Passes the client's Host field on. Default: true")]
    public bool PreserveHost { get; init; } = true;
}
