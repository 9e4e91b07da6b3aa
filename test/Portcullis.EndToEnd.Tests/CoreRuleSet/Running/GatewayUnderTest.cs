using System.Net;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>The gateway with a version of the Core Rule Set in detect mode, in front of a <see cref="ReflectingBackend"/>, set up as the yardsticks are.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly TemporaryDirectory rules = new();
    private readonly ReflectingBackend backend = ReflectingBackend.Start();
    private Node? node;

    private GatewayUnderTest()
    {
    }

    /// <summary>Told by the header <c>X-Waf-Rules</c>: ids only, at once.</summary>
    public WafEndpoint Endpoint { get; private set; } = null!;

    /// <summary>Told by the decision log, with the texts of rules, which is written five times a second.</summary>
    public WafEndpoint Telling { get; private set; } = null!;

    public static async Task<GatewayUnderTest> StartAsync(RuleSource source)
    {
        var gateway = new GatewayUnderTest();
        try
        {
            await gateway.RunAsync(source);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (node is not null) await node.DisposeAsync();
        await backend.DisposeAsync();
        rules.Dispose();
    }

    private async Task RunAsync(RuleSource source)
    {
        node = await Node.StartAsync($$"""
            data: data
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            clusters:
              backend: { destinations: [ "http://127.0.0.1:{{backend.Port}}" ] }
            routes:
              all:
                match: { path: "/{**rest}" }
                cluster: backend
                policies:
                  authenticate: none
                  waf: { mode: detect, inspectResponses: true, bodyLimit: 13MiB }
            waf:
              rules: [ "{{ServerFiles.WriteRules(rules, source)}}" ]
            telemetry:
              decisionLog: decisions.jsonl
              exposeWafRules: true
              showMatchedValues: true
            """);
        var address = new IPEndPoint(IPAddress.Loopback, node.PlainPort);
        Endpoint = new($"gateway {source.Name}", address, new ResponseHeaderLog());
        Telling = new(Endpoint.Name, address, new DecisionLog(node.At("decisions.jsonl")));
    }
}
