using System.Net;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>A firewall behind a socket.</summary>
internal sealed class WafEndpoint(string name, IPEndPoint address, IRuleLog log) : IWafEndpoint
{
    private int count;

    public string Name => name;

    public async Task<(RawResponse Response, RuleHits Hits)> AskAsync(byte[] request)
    {
        var mark = $"{Environment.ProcessId}-{count++}";
        await log.BeginAsync(mark);
        var response = await RawHttpClient.SendAsync(address, request);
        return (response, await log.EndAsync(mark, response));
    }
}
