namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>
/// Tells what a web application firewall logged for one request. Requests are sent one after another: <see cref="BeginAsync"/>, the request,
/// <see cref="EndAsync"/>.
/// </summary>
internal interface IRuleLog
{
    /// <param name="mark">Names the request; unique within a run.</param>
    Task BeginAsync(string mark);

    Task<RuleHits> EndAsync(string mark, RawResponse response);
}
