using Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>Runs cases against a firewall, one after another.</summary>
internal static class RegressionRun
{
    public static async Task<IReadOnlyList<CaseOutcome>> RunAsync(IWafEndpoint endpoint, IEnumerable<RegressionCase> cases)
    {
        List<CaseOutcome> outcomes = [];
        foreach (var each in cases) outcomes.Add(await RunAsync(endpoint, each));
        return outcomes;
    }

    private static async Task<CaseOutcome> RunAsync(IWafEndpoint endpoint, RegressionCase each)
    {
        string? failure = null;
        List<RequestOutcome> requests = [];
        foreach (var stage in each.Stages)
        {
            var (verdict, outcome) = await RunAsync(endpoint, stage);
            if (verdict is not null && stage.Expectation.RetriesOnce) (verdict, outcome) = await RunAsync(endpoint, stage);
            failure ??= verdict;
            requests.Add(outcome);
        }

        return new(each.Id, failure, requests);
    }

    private static async Task<(string? Failure, RequestOutcome Outcome)> RunAsync(IWafEndpoint endpoint, RegressionStage stage)
    {
        var (response, hits) = await endpoint.AskAsync(stage.Request);
        return (stage.Expectation.Judge(response, hits), new(response.Status, hits.Ids));
    }
}
