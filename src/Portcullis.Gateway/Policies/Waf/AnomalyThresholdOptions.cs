using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>From which anomaly score on something is refused; a plain number is that of requests.</summary>
public sealed record AnomalyThresholdOptions
{
    [Description("Score of a request. Default: the rules' own, 5")]
    [Shorthand]
    [Between(1, 1_000_000)]
    public int? Inbound { get; init; }

    [Description("Score of a response. Default: the rules' own, 4")]
    [Between(1, 1_000_000)]
    public int? Outbound { get; init; }
}
