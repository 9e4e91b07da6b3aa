using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>What a configuration makes of a request.</summary>
/// <param name="Route">The route it goes to; null where it goes to none.</param>
/// <param name="Code">The public code of its refusal, by the rules or on the way to them; null where it passes.</param>
/// <param name="Status">The status of the refusal.</param>
/// <param name="Cause">Why it is refused.</param>
/// <param name="WouldBlock">In detect mode: what would have refused it.</param>
/// <param name="Waf">What the rules made of it; null where the route has none.</param>
public sealed record TrialOutcome(string? Route, string? Code, int Status, string? Cause, string? WouldBlock, WafDecision? Waf)
{
    /// <summary>Whether the rules refuse it, or would.</summary>
    public bool IsBlocked => Code == Pipeline.RefusalCode.WafBlocked.Code || WouldBlock is not null;
}
