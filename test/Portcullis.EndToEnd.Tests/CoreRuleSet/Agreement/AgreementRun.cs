using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Sends the same mutated requests to two firewalls.</summary>
internal static class AgreementRun
{
    /// <summary>What both answer when nothing in front of the firewall objects: the backend answers everything with it.</summary>
    private const int Served = 200;

    public static async Task<AgreementResult> RunAsync(WafEndpoint reference, WafEndpoint engine, RuleSource rules, int seed, int count)
    {
        var mutator = new RequestMutator(rules.Cases.Value, seed);
        List<Disagreement> disagreements = [];
        var (compared, refused, hits) = (0, 0, 0);
        for (var number = 0; number < count; number++)
        {
            var request = mutator.Make(number);
            var asked = engine.AskAsync(request);
            var (expected, expectedHits) = await reference.AskAsync(request);
            var (actual, actualHits) = await asked;
            if (expected.Status != Served || actual.Status != Served)
            {
                refused++;
                continue;
            }

            compared++;
            hits += expectedHits.Ids.Count;
            var difference = RuleIdComparison.Difference($"{number}", new(expected.Status, expectedHits.Ids), new(actual.Status, actualHits.Ids));
            if (difference is not null) disagreements.Add(new(request, difference));
        }

        return new(reference.Name, engine.Name, seed, compared, refused, hits, disagreements);
    }
}
