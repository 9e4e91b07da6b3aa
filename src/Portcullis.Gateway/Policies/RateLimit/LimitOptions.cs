using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>One limit: so many requests in a period, spread evenly, with a burst after a pause.</summary>
public sealed record LimitOptions
{
    [Description("Whose requests are counted together: address (IPv6 by /64), caller (without a credential: the address), tenant (without one: the caller) or route (everybody).")]
    public required LimitBy By { get; init; }

    [Description("Requests per period, 1 to 1000000000, and at most one million a second.")]
    [Between(1, 1_000_000_000)]
    public required long Limit { get; init; }

    [Description("Length of the period, 1s to 366d.")]
    [Between("1s", "366d")]
    public required TimeSpan Period { get; init; }

    [Description("Requests that may come at once after a pause. Default: the limit")]
    [Between(1, 1_000_000_000)]
    public int? Burst { get; init; }

    [Description("enforce or shadow: counts, and tells the decision log what it would have refused. Default: enforce")]
    public LimitMode Mode { get; init; }

    [Description("Name in the RateLimit fields and the logs; a limit keeps its counts over a reload while route, name and by stay. Default: the value of by")]
    public string? Name { get; init; }
}
