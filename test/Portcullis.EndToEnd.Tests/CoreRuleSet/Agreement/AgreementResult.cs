namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>What a run of mutated requests showed.</summary>
/// <param name="Compared">Requests that both servers let through to their firewall.</param>
/// <param name="Refused">Requests that one of the servers answered itself; not compared.</param>
/// <param name="Hits">Rules that the reference logged: a run without any shows nothing.</param>
internal sealed record AgreementResult(string Reference, string Engine, int Seed, int Compared, int Refused, int Hits, IReadOnlyList<Disagreement> Disagreements)
{
    /// <summary>Requests with the same set of rules, as a part of those compared.</summary>
    public double Share => Compared == 0 ? 0 : 1 - ((double)Disagreements.Count / Compared);
}
