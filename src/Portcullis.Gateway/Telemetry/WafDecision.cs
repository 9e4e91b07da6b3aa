using Portcullis.Gateway.Policies.Waf;
using Portcullis.Waf.Engine;

namespace Portcullis.Gateway.Telemetry;

/// <summary>What the rules of the web application firewall made of a request.</summary>
public sealed record WafDecision
{
    /// <summary>Ids that are recorded where not everything is shown.</summary>
    internal const int MostIds = 64;

    /// <summary>Matches that are recorded where not everything is shown: a client must not fill the disk by them.</summary>
    internal const int MostHits = 16;

    /// <summary><c>block</c> or <c>detect</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The anomaly score of the request.</summary>
    public long Score { get; init; }

    /// <summary>The anomaly score of the response.</summary>
    public long OutboundScore { get; init; }

    /// <summary>Ids of the rules that matched, each once, in the order of their first match.</summary>
    public IReadOnlyList<long> Rules { get; init; } = [];

    /// <summary>The matches, in order.</summary>
    public IReadOnlyList<RuleHit> Hits { get; init; } = [];

    /// <summary>Whether values are shown as they are.</summary>
    public bool ShowsValues { get; init; }

    /// <summary>Why the rules could not be applied; null where they were.</summary>
    public string? Fault { get; init; }

    /// <summary>Where the body of the request was not inspected whole.</summary>
    public InspectionCut? RequestCut { get; init; }

    /// <summary>Where the body of the response was not inspected whole.</summary>
    public InspectionCut? ResponseCut { get; init; }
}
