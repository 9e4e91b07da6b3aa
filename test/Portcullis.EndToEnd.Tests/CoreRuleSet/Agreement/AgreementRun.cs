using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Sends the same mutated requests to an engine and to references.</summary>
internal static class AgreementRun
{
    /// <summary>What everyone answers when nothing in front of the firewall objects: the backend answers everything with it.</summary>
    private const int Served = 200;

    public static async Task<AgreementResult> RunAsync(IWafEndpoint engine, IReadOnlyList<IWafEndpoint> references, RuleSource rules, int seed, int count)
    {
        var mutator = new RequestMutator(rules.Cases.Value, seed);
        List<Disagreement> disagreements = [];
        var (compared, hits) = (0, 0);
        for (var number = 0; number < count; number++)
        {
            var request = mutator.Make(number);
            var answers = await Task.WhenAll(references.Prepend(engine).Select(each => each.AskAsync(request)));
            if (answers.Any(answer => answer.Response.Status != Served)) continue;

            compared++;
            var rulesOf = answers.Select(answer => RuleIdComparison.Compared(answer.Hits.Ids).ToHashSet()).ToArray();
            hits += rulesOf[0].Count;
            var verdicts = Verdicts(rulesOf[0], [.. references.Select((reference, i) => (reference.Name, rulesOf[i + 1]))]);
            if (verdicts.Count > 0) disagreements.Add(new(number, request, verdicts));
        }

        return new(engine.Name, [.. references.Select(reference => reference.Name)], seed, compared, count - compared, hits, disagreements);
    }

    private static List<RuleVerdict> Verdicts(HashSet<int> engine, (string Name, HashSet<int> Rules)[] references)
    {
        List<RuleVerdict> verdicts = [];
        foreach (var rule in references.SelectMany(reference => reference.Rules).Concat(engine).Distinct().Order())
        {
            var isHit = engine.Contains(rule);
            string[] opposed = [.. references.Where(reference => reference.Rules.Contains(rule) != isHit).Select(reference => reference.Name)];
            if (opposed.Length > 0) verdicts.Add(new(rule, isHit, opposed));
        }

        return verdicts;
    }
}
