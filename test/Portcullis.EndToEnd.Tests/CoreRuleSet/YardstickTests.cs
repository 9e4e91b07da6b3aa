using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>The yardsticks reach what is known of them, so runner, dialects and servers are as they should be.</summary>
public sealed class YardstickTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("3.3.4", "apache", 2394, 2396)]
    [InlineData("3.3.4", "nginx", 2345, 2396)]
    [InlineData("4", "apache", 5001, 5003)]
    [InlineData("4", "nginx", 4932, 5003)]
    public async Task Passes_as_many_of_the_regression_tests_as_published(string rules, string server, int passes, int cases)
    {
        var outcomes = await YardstickRuns.OutcomesAsync(ServerKind.Named(server), RuleSource.Named(rules));

        var failures = outcomes.Where(outcome => outcome.Failure is not null).ToArray();
        foreach (var failure in failures) output.WriteLine(failure.ToString());
        Assert.Equal(cases, outcomes.Count);
        Assert.Equal(passes, cases - failures.Length);
    }
}
