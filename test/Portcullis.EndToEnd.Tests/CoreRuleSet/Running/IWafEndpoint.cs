namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>A firewall to send requests to, one at a time.</summary>
internal interface IWafEndpoint
{
    string Name { get; }

    /// <summary>Sends a request and returns what came back and what was logged.</summary>
    Task<(RawResponse Response, RuleHits Hits)> AskAsync(byte[] request);
}
