using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>The whole gateway, over sockets, with the Core Rule Set as it is released.</summary>
public sealed class GatewayTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("3.3.4")]
    [InlineData("4")]
    public async Task Passes_the_regression_tests_but_for_those_listed_with_a_reason(string rules)
    {
        var source = RuleSource.Named(rules);
        await using var gateway = await GatewayUnderTest.StartAsync(source);
        var outcomes = await RegressionRun.RunAsync(gateway.Endpoint, source.Cases.Value);

        // Some look for the text of a rule.
        var doubtful = outcomes.Where(outcome => outcome.Failure is not null).Select(outcome => outcome.CaseId).ToHashSet(StringComparer.Ordinal);
        var told = await RegressionRun.RunAsync(gateway.Telling, [.. source.Cases.Value.Where(each => doubtful.Contains(each.Id))]);
        var failures = told.Where(outcome => outcome.Failure is not null).ToArray();
        foreach (var failure in failures) output.WriteLine(failure.ToString());
        Assert.Equal(GatewayExceptions.Of(rules).Keys.Order(StringComparer.Ordinal), failures.Select(failure => failure.CaseId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Logs_for_99_requests_of_100_the_set_of_rules_that_ModSecurity_2_logs()
    {
        var source = RuleSource.Crs3();
        await using var gateway = await GatewayUnderTest.StartAsync(source);
        var comparison = RuleIdComparison.Of(RuleIdTable.Crs3, RuleIdTable.Of(await RegressionRun.RunAsync(gateway.Endpoint, source.Cases.Value)));

        foreach (var difference in comparison.Differences) output.WriteLine(difference.ToString());
        Assert.Equal(2396, comparison.Count);
        Assert.InRange(comparison.Share, 0.98, 1);
    }
}
