using System.Globalization;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>What a run of mutated requests showed.</summary>
/// <param name="Compared">Requests that every server let through to its firewall.</param>
/// <param name="Refused">Requests that a server answered itself; not compared.</param>
/// <param name="Hits">Rules that the engine logged: a run without any shows nothing.</param>
internal sealed record AgreementResult(
    string Engine, IReadOnlyList<string> References, int Seed, int Compared, int Refused, int Hits, IReadOnlyList<Disagreement> Disagreements)
{
    /// <summary>Requests for which the engine logs what the reference logs.</summary>
    public int SameAs(string reference) => Compared - Disagreements.Count(each => each.Verdicts.Any(verdict => verdict.Opposed.Contains(reference)));

    /// <summary>Requests for which the engine stands alone with a rule: no reference says the same.</summary>
    public int Alone => Disagreements.Count(each => each.Verdicts.Any(IsAlone));

    public bool IsAlone(RuleVerdict verdict) => verdict.Opposed.Count == References.Count;

    public override string ToString()
    {
        var same = string.Join(", ", References.Select(reference => string.Create(CultureInfo.InvariantCulture, $"{Percent(SameAs(reference))} like {reference}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Engine}, seed {Seed}: {same}, {Percent(Compared - Alone)} like one of them, of {Compared} requests with {Hits} hits; {Refused} refused by a server");
    }

    private string Percent(int count) => Compared == 0 ? "none" : ((double)count / Compared).ToString("P2", CultureInfo.InvariantCulture);
}
