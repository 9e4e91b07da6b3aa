using Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>The engine without a server around it, with the Core Rule Set as it is released.</summary>
public sealed class EngineTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("3.3.4")]
    [InlineData("4")]
    public async Task Passes_the_regression_tests_but_for_those_listed_with_a_reason(string rules)
    {
        var source = RuleSource.Named(rules);
        var outcomes = await RegressionRun.RunAsync(new EngineEndpoint(source), source.Cases.Value);

        var failures = outcomes.Where(outcome => outcome.Failure is not null).ToArray();
        foreach (var failure in failures) output.WriteLine(failure.ToString());
        Assert.Equal(EngineExceptions.Of(rules).Keys.Order(StringComparer.Ordinal), failures.Select(failure => failure.CaseId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Logs_for_99_requests_of_100_the_set_of_rules_that_ModSecurity_2_logs()
    {
        var source = RuleSource.Crs3();
        var comparison = RuleIdComparison.Of(RuleIdTable.Crs3, RuleIdTable.Of(await RegressionRun.RunAsync(new EngineEndpoint(source), source.Cases.Value)));

        foreach (var difference in comparison.Differences) output.WriteLine(difference.ToString());
        Assert.Equal(2396, comparison.Count);
        Assert.InRange(comparison.Share, 0.99, 1);
    }

    [Fact]
    public async Task Agrees_with_one_of_the_references_on_98_mutated_requests_of_100()
    {
        var source = RuleSource.Crs3();
        await using var apache = await Yardstick.StartAsync(ServerKind.Apache, source);
        await using var nginx = await Yardstick.StartAsync(ServerKind.Nginx, source);

        var result = await AgreementRun.RunAsync(new EngineEndpoint(source), [apache.Endpoint, nginx.Endpoint], source, seed: 11, count: 500);

        output.WriteLine(result.ToString());
        Assert.InRange(result.Compared, 400, 500);
        Assert.InRange(result.Alone, 0, result.Compared / 50);
    }
}
