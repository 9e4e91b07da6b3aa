using System.Net;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>Rule files of the firewall that change while the gateway runs.</summary>
public sealed class RuleReloadTests : IAsyncLifetime
{
    private Upstream upstream = null!;
    private Node node = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await Upstream.StartAsync();
        node = await Node.StartAsync(
            $$"""
            data: data
            listeners: { plain: { address: "{plain}" } }
            admin: { address: "{admin}" }
            clusters: { up: { destinations: ["{{upstream.Url}}"] } }
            waf: { rules: [builtin, "rules/*.conf"] }
            routes: { all: { match: { path: "/{**rest}" }, cluster: up, policies: { authenticate: none, waf: block } } }
            """,
            prepare: node => node.Write("rules/own.conf", Rule(9001, "one")));
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_changed_rule_file_is_taken_and_a_broken_one_leaves_the_last_good_rules_in_use()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("one"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("two"));

        node.Write("rules/own.conf", Rule(9001, "two"));
        await Eventually.HoldsAsync(async () => await StatusAsync("two") == HttpStatusCode.Forbidden, "the changed rules are taken");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("one"));

        node.Write("rules/own.conf", Rule(9001, "three") + "SecRulez\n");
        await Eventually.HoldsAsync(async () => await node.MetricAsync("portcullis_config_last_reload_success") == 0, "the broken rules are refused");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("two"));
        await node.Process.Error.WaitForAsync(line => line.Contains("own.conf:2:1: error: waf.rules: there is no directive SecRulez", StringComparison.Ordinal)).WithPatience();

        node.Write("rules/own.conf", Rule(9001, "four"));
        await Eventually.HoldsAsync(async () => await StatusAsync("four") == HttpStatusCode.Forbidden, "the mended rules are taken");
        Assert.Equal(1, await node.MetricAsync("portcullis_config_last_reload_success"));
    }

    [Fact]
    public async Task A_new_file_of_a_pattern_is_taken_on_SIGHUP()
    {
        node.Write("rules/second.conf", Rule(9002, "five"));

        node.Process.HangUp();

        await Eventually.HoldsAsync(async () => await StatusAsync("five") == HttpStatusCode.Forbidden, "the new file is taken");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("one"));
    }

    private static string Rule(int id, string word) => $"SecRule ARGS \"@streq {word}\" \"id:{id},phase:2,deny,status:403\"\n";

    private async Task<HttpStatusCode> StatusAsync(string word)
    {
        using var response = await node.GetAsync(node.Plain("/?a=" + word));
        return response.StatusCode;
    }
}
