using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Engine;

/// <summary>A rule's decision to end the transaction.</summary>
/// <param name="Kind">How it ends.</param>
/// <param name="Status">The status to answer with; 3xx for a redirect.</param>
/// <param name="RuleId">The rule; 0 where the engine itself decided.</param>
/// <param name="Phase">When.</param>
/// <param name="RedirectTo">Where a redirect leads; null otherwise.</param>
public sealed record Interruption(InterruptionKind Kind, int Status, long RuleId, Phase Phase, string? RedirectTo = null);
