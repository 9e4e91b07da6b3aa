using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Tests.Support;

/// <summary>What rules made of an exchange.</summary>
internal sealed record Outcome(IReadOnlyList<RuleHit> Hits, Interruption? Interruption, Interruption? Suppressed, EngineFault Fault, long InboundScore)
{
    /// <summary>The ids of the reported rules, in order.</summary>
    public string Ids => string.Join(' ', Hits.Select(hit => hit.RuleId));

    /// <summary>The messages, in order.</summary>
    public string Messages => string.Join('|', Hits.Select(hit => hit.Message));
}
