using System.Globalization;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>The header <c>X-Waf-Rules: 942100,949110</c> of the response: ids alone, so tests that look at a rule's text fail with it.</summary>
internal sealed class ResponseHeaderLog : IRuleLog
{
    public Task BeginAsync(string mark) => Task.CompletedTask;

    public Task<RuleHits> EndAsync(string mark, RawResponse response)
    {
        var ids = response.Header("X-Waf-Rules")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return Task.FromResult(RuleHits.FromRules(ids.Select(id => (int.Parse(id, CultureInfo.InvariantCulture), string.Empty, string.Empty))));
    }
}
