using System.Collections.Frozen;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Whatever goes wrong in a policy or terminal, the request is refused and nothing of another answer gets out.</summary>
public sealed class FailClosedTests
{
    [Fact]
    public void A_verdict_that_was_never_set_refuses()
    {
        var verdict = default(Verdict);
        Assert.True(verdict.IsRefusal);
        Assert.False(verdict.IsContinue);
        Assert.False(verdict.IsResponded);
        Assert.Equal(RefusalCode.InternalError, verdict.Code);
    }

    public static TheoryData<string> Faults =>
    [
        "policy throws", "policy throws later", "policy returns default", "response policy throws", "response policy refuses",
        "terminal throws", "terminal continues", "terminal returns default", "terminal throws after headers",
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_at_any_hook_is_a_refusal_that_leaks_nothing(string fault)
    {
        await using var gateway = await TestGateway.StartAsync(
            """
            listeners:
              public: { address: 127.0.0.1:0 }
            telemetry: { decisionLog: "{decisionLog}" }
            """);
        var route = new CompiledRoute("faulty", [new FaultyPolicy(fault)], new FaultyTerminal(fault), new RouteCounters("faulty"));
        Publish(gateway, route);

        using var client = gateway.Client();
        using var response = await client.GetAsync(gateway.Address("/x"));
        var body = await response.Content.ReadAsStringAsync();

        Assert.Equal(fault == "response policy refuses" ? 403 : 500, (int)response.StatusCode);
        Assert.Contains("\"requestId\"", body, StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("X-Request-Id"));
        Assert.False(response.Headers.Contains("X-Half-Done"));
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);

        var record = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((int)response.StatusCode, record.GetProperty("status").GetInt32());
        Assert.Equal(response.Headers.GetValues("X-Request-Id").Single(), record.GetProperty("requestId").GetString());
    }

    private static void Publish(TestGateway gateway, CompiledRoute route)
    {
        Assert.True(RoutePattern.TryParse("/x", out var path, out _));
        var table = RouteTable<CompiledRoute>.Build([new(route.Name, new RouteMatch { Path = path }, route)], out _)!;
        var current = gateway.Host.Snapshots.Current!;
        gateway.Host.Snapshots.Publish(new GatewaySnapshot
        {
            Version = current.Version,
            Options = current.Options,
            Clusters = current.Clusters,
            Routes = new Dictionary<string, RouteTable<CompiledRoute>>(StringComparer.Ordinal) { ["public"] = table }.ToFrozenDictionary(StringComparer.Ordinal),
        });
    }

    private sealed class FaultyPolicy(string fault) : Policy
    {
        public override Stage Stage => Stage.Admit;

        public override bool ActsOnResponse => true;

        public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => fault switch
        {
            "policy throws" => throw new InvalidOperationException("secret"),
            "policy throws later" => LaterAsync(),
            "policy returns default" => default,
            _ => new(Verdict.Continue),
        };

        public override Verdict OnResponse(Exchange exchange)
        {
            // Refusals come through here too; they must get out whatever this does.
            return fault switch
            {
                "response policy throws" when exchange.StatusCode == 200 => throw new InvalidOperationException("secret"),
                "response policy refuses" when exchange.StatusCode == 200 => Verdict.Refuse(RefusalCode.PermissionDenied),
                _ => Verdict.Continue,
            };
        }

        private static async ValueTask<Verdict> LaterAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("secret");
        }
    }

    private sealed class FaultyTerminal(string fault) : ITerminal
    {
        public ValueTask<Verdict> InvokeAsync(Exchange exchange)
        {
            switch (fault)
            {
                case "terminal throws": throw new InvalidOperationException("secret");
                case "terminal continues": return new(Verdict.Continue);
                case "terminal returns default": return default;
                case "terminal throws after headers":
                    exchange.ResponseHeaders["X-Half-Done"] = "secret";
                    throw new InvalidOperationException("secret");
                default:
                    exchange.ResponseHeaders["X-Half-Done"] = "secret";
                    return exchange.RespondAsync(200, "text/plain", "secret"u8.ToArray());
            }
        }
    }
}
