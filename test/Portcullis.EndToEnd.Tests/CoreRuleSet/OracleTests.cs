using Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>The tables of what ModSecurity 2 logs, which engines are compared with.</summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_table_of_this_project_is_what_Apache_with_ModSecurity_2_logs()
    {
        var actual = RuleIdTable.Of(await YardstickRuns.OutcomesAsync(ServerKind.Apache, RuleSource.Crs3()));

        var expected = RuleIdTable.Crs3;
        Assert.Equal(expected.Requests.Keys, actual.Requests.Keys);
        foreach (var (request, outcome) in expected.Requests)
        {
            Assert.Equal((request, outcome.Status, string.Join(',', outcome.Ids)), (request, actual.Requests[request].Status, string.Join(',', actual.Requests[request].Ids)));
        }
    }

    [Fact]
    public async Task Libmodsecurity_logs_the_same_set_for_seven_requests_of_ten()
    {
        var comparison = RuleIdComparison.Of(RuleIdTable.Crs3, RuleIdTable.Of(await YardstickRuns.OutcomesAsync(ServerKind.Nginx, RuleSource.Crs3())));

        foreach (var difference in comparison.Differences) output.WriteLine(difference.ToString());
        Assert.Equal(2396, comparison.Count);
        Assert.InRange(comparison.Share, 0.69, 0.72);
    }

    [Fact]
    public void Rules_that_report_scores_are_left_out_and_others_are_not()
    {
        Assert.Equal([942100, 200002, 950100], RuleIdComparison.Compared([942100, 949110, 200002, 959100, 950100, 980130]));
    }
}
