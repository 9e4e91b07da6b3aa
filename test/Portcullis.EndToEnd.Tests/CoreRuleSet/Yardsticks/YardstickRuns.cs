using System.Collections.Concurrent;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>How the regression tests went on each yardstick: run once for all tests that look at it.</summary>
internal static class YardstickRuns
{
    private static readonly ConcurrentDictionary<(string Server, string Rules), Lazy<Task<IReadOnlyList<CaseOutcome>>>> Runs = new();

    public static Task<IReadOnlyList<CaseOutcome>> OutcomesAsync(ServerKind kind, RuleSource rules)
        => Runs.GetOrAdd((kind.Name, rules.Name), _ => new(() => RunAsync(kind, rules))).Value;

    private static async Task<IReadOnlyList<CaseOutcome>> RunAsync(ServerKind kind, RuleSource rules)
    {
        await using var yardstick = await Yardstick.StartAsync(kind, rules);
        return await RegressionRun.RunAsync(yardstick.Endpoint, rules.Cases.Value);
    }
}
