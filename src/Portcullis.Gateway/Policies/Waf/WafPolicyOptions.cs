using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>Options of <c>waf</c>: the mode, or the mode with further settings.</summary>
public sealed record WafPolicyOptions
{
    [Description("block, detect (only says in the decision log what it would have refused) or off. Default: block")]
    [Shorthand]
    public WafMode Mode { get; init; }

    [Description("Paranoia level, 1 to 4: how much is suspicious. Default: the rules' own, 1")]
    [Between(1, 4)]
    public int? Paranoia { get; init; }

    [Description("Anomaly score from which on something is refused. Default: the rules' own, 5 for requests and 4 for responses")]
    public AnomalyThresholdOptions? AnomalyThreshold { get; init; }

    [Description("Rules that do not run here, or do not look at one thing; at most 1000.")]
    public IReadOnlyList<ExclusionOptions> Exclude { get; init; } = [];

    [Description("Most octets of a request's body that are inspected, 0 to 64MiB. Default: 1MiB")]
    [ByteSize]
    [Between("0B", "64MiB")]
    public long BodyLimit { get; init; } = 1 << 20;

    [Description("What becomes of a request with a longer body: refuse (413) or inspectPart. Default: refuse")]
    public BeyondLimit BeyondBodyLimit { get; init; }

    [Description("Whether bodies of responses are inspected. Default: waf.inspectResponses")]
    public bool? InspectResponses { get; init; }

    [Description("Most octets of a response's body that are held back and inspected, 1KiB to 16MiB; the rest passes. Default: 512KiB")]
    [ByteSize]
    [Between("1KiB", "16MiB")]
    public long ResponseLimit { get; init; } = 512 << 10;
}
