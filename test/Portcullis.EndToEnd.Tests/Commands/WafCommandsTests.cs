using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary><c>waf test</c> and <c>waf replay</c>, as an operator types them.</summary>
public sealed class WafCommandsTests : IDisposable
{
    private const string Attack = "POST /orders?id=1 HTTP/1.1\nHost: api.example.com\nContent-Type: application/x-www-form-urlencoded\n\ncomment=1' OR '1'='1";
    private const string Harmless = "GET /orders?id=1 HTTP/1.1\nHost: api.example.com\n\n";

    // Two rules of the test's own: what the built-in ones make of the request is theirs to change.
    private const string Rules = """
        SecRule ARGS "@detectSQLi" "id:204001,phase:2,pass,capture,t:none,t:urlDecodeUni,msg:'SQL injection (%{tx.0})',severity:CRITICAL,setvar:tx.blocking_inbound_anomaly_score=+5"
        SecRule TX:blocking_inbound_anomaly_score "@ge 5" "id:249002,phase:2,deny,status:403,msg:'Threshold reached'"
        """;

    private readonly TemporaryDirectory directory = new();

    public WafCommandsTests()
    {
        directory.Write("portcullis.yaml", Configuration("block"));
        directory.Write("rules.conf", Rules);
        directory.Write("corpus/attack.http", Attack);
        directory.Write("corpus/harmless.http", Harmless);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task An_attack_is_shown_with_its_matches_its_score_and_the_narrowest_exclusion()
    {
        var (code, output, _) = await RunAsync("waf", "test", "corpus/attack.http");

        Assert.Equal(1, code);
        Assert.Contains("route orders\n", output, StringComparison.Ordinal);
        Assert.Contains("    ARGS:comment = 1' OR '1'='1\n", output, StringComparison.Ordinal);
        Assert.Contains("score 5; refused with 403 waf.blocked", output, StringComparison.Ordinal);
        Assert.Contains("          - { rule: 204001, target: \"ARGS:comment\", reason: … }", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proposed_exclusion_lets_the_request_pass_and_nothing_else()
    {
        var (_, output, _) = await RunAsync("waf", "test", "corpus/attack.http", "--output", "json");
        using var result = JsonDocument.Parse(output);
        var proposal = Assert.Single(result.RootElement.GetProperty("exclude").EnumerateArray());
        var exclusion = $"{{ rule: {proposal.GetProperty("rule").GetInt64()}, target: \"{proposal.GetProperty("target").GetString()}\" }}";
        directory.Write("portcullis.yaml", Configuration($"{{ exclude: [{exclusion}] }}"));
        directory.Write("other.http", Attack.Replace("comment=", "name=", StringComparison.Ordinal));

        Assert.Equal(0, (await RunAsync("waf", "test", "corpus/attack.http")).Code);
        Assert.Equal(1, (await RunAsync("waf", "test", "other.http")).Code);
    }

    [Fact]
    public async Task A_harmless_request_passes()
    {
        var (code, output, _) = await RunAsync("waf", "test", "corpus/harmless.http");

        Assert.Equal((0, "route orders\nscore 0; passes"), (code, output));
    }

    [Theory]
    [InlineData("missing.http", "there is no file missing.http, and it is no request id")]
    [InlineData("0123456789abcdef0123456789abcdef", "no requests are recorded")]
    [InlineData("portcullis.yaml", "the first line is no request line")]
    public async Task What_is_no_request_is_refused_with_a_hint(string named, string problem)
    {
        var (code, _, error) = await RunAsync("waf", "test", named);

        Assert.Equal(1, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Contains("  hint: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corpus_is_compared_with_what_another_configuration_makes_of_it()
    {
        directory.Write("old.yaml", Configuration("block"));
        directory.Write("new.yaml", Configuration("{ exclude: [{ rule: 204001, target: \"ARGS:comment\" }] }"));

        var (code, output, _) = await RunAsync("waf", "replay", "corpus", "--config", "new.yaml", "--against", "old.yaml");
        var (_, same, _) = await RunAsync("waf", "replay", "corpus", "--config", "old.yaml", "--against", "old.yaml");

        Assert.Equal((0, "attack.http  POST /orders  passes now  -204001,249002\n2 tried, 1 changed"), (code, output));
        Assert.Equal("2 tried, 0 changed", same);
    }

    [Fact]
    public async Task What_a_node_recorded_is_tested_by_its_id_and_replayed()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var node = await Node.StartAsync(
            $$"""
            data: data
            listeners: { plain: { address: "{plain}" } }
            admin: { address: "{admin}" }
            clusters: { up: { destinations: ["{{upstream.Url}}"] } }
            waf: { record: { path: requests.sealed, sample: 1 } }
            routes: { orders: { match: { path: "/{**rest}" }, cluster: up, policies: { authenticate: none, waf: block } } }
            """);
        using var refused = await node.GetAsync(node.Plain("/orders?id=1'%20OR%20'1'='1"));
        var id = Assert.Single(refused.Headers.GetValues("X-Request-Id"));
        await Eventually.HoldsAsync(
            async () => (await GatewayProcess.RunAsync(node.Directory, "waf", "test", id)).Output.Contains("refused with 403 waf.blocked", StringComparison.Ordinal), "the request is recorded");

        var (_, unchanged, _) = await GatewayProcess.RunAsync(node.Directory, "waf", "replay", "requests.sealed");
        node.Write("lax.yaml", File.ReadAllText(node.ConfigurationFile).Replace("waf: block", "waf: { exclude: [{ tag: attack-sqli }] }", StringComparison.Ordinal));
        var (_, changed, _) = await GatewayProcess.RunAsync(node.Directory, "waf", "replay", "requests.sealed", "--config", "lax.yaml");

        Assert.Equal("1 tried, 0 changed", unchanged);
        Assert.Contains($"{id}  GET /orders  passes now  -204001", changed, StringComparison.Ordinal);
    }

    private static string Configuration(string policy) => $$"""
        listeners: { public: { address: "127.0.0.1:8080" } }
        waf: { rules: [rules.conf] }
        clusters: { orders: { destinations: ["http://127.0.0.1:9001"] } }
        routes: { orders: { match: { path: "/orders" }, cluster: orders, policies: { authenticate: none, waf: {{policy}} } } }
        """;

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => GatewayProcess.RunAsync(directory.Path, arguments);
}
