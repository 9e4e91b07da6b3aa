using System.Net;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>A firewall to send requests to, one at a time.</summary>
internal sealed class WafEndpoint(string name, IPEndPoint address, IRuleLog log)
{
    private int count;

    public string Name => name;

    /// <summary>Sends a request and returns what came back and what was logged.</summary>
    public async Task<(RawResponse Response, RuleHits Hits)> AskAsync(byte[] request)
    {
        var mark = $"{Environment.ProcessId}-{count++}";
        await log.BeginAsync(mark);
        var response = await RawHttpClient.SendAsync(address, request);
        return (response, await log.EndAsync(mark, response));
    }
}
