using Portcullis.Waf.Engine;

namespace Portcullis.Waf;

/// <summary>What one place of use, for example a route, wants of a rule set. Goes into <see cref="RuleSet.Prepare"/>.</summary>
public sealed record InspectionOptions
{
    /// <summary>Whether matches refuse. Default: they do.</summary>
    public EngineMode Mode { get; init; }

    /// <summary>1 to 4: how much is suspicious. Null leaves it to the rules.</summary>
    public int? ParanoiaLevel { get; init; }

    /// <summary>The anomaly score at which a request is refused. Null leaves it to the rules (5 in CRS).</summary>
    public int? InboundThreshold { get; init; }

    /// <summary>The anomaly score at which a response is refused. Null leaves it to the rules (4 in CRS).</summary>
    public int? OutboundThreshold { get; init; }

    /// <summary>Rules that do not run here, wholly or for one target.</summary>
    public IReadOnlyList<RuleExclusion> Exclusions { get; init; } = [];

    /// <summary>Whether bodies of responses are looked at. Null leaves it to the rules' SecResponseBodyAccess.</summary>
    public bool? InspectsResponseBody { get; init; }

    /// <summary>The most bytes of a request's body that are looked at, whatever its kind. Null leaves it to the rules.</summary>
    public long? RequestBodyLimit { get; init; }

    /// <summary>Whether a longer body of a request is refused, or inspected up to the limit. Null leaves it to the rules.</summary>
    public bool? RefusesLongRequestBody { get; init; }

    /// <summary>The most bytes of a response's body that are looked at. Null leaves it to the rules.</summary>
    public long? ResponseBodyLimit { get; init; }
}
