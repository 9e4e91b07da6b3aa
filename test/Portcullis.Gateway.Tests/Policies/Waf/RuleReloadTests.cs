using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Waf;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class RuleReloadTests
{
    private const string Other = """SecRule ARGS "@contains otherattack" "id:1,phase:2,deny,status:403" """;

    [Fact]
    public async Task Changed_rules_are_taken_over_under_load_without_a_lost_request()
    {
        await using var waf = await WafGateway.StartAsync();
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(async worker =>
        {
            using var client = waf.Gateway.Client();
            var served = 0;
            while (!stop.IsCancellationRequested || served == 0)
            {
                using var response = worker % 2 == 0
                    ? await client.GetAsync(waf.Gateway.Address("/?a=1"))
                    : await client.PostAsync(waf.Gateway.Address(), new StringContent("a body"));
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                served++;
            }

            return served;
        }).ToList();

        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(waf.RulesPath, i % 2 == 0 ? Other : WafGateway.Rules);
            Assert.Empty(await waf.Gateway.ApplyAsync(waf.Configuration()));
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), served => Assert.True(served > 0));
    }

    [Fact]
    public async Task A_broken_rule_file_leaves_the_last_good_rules_in_place_and_says_so()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();
        File.WriteAllText(waf.RulesPath, "SecRule ARGS \"@contains x\" \"id:1,phase:2,deny\"\nSecRulez\n");

        var problems = await waf.Gateway.ApplyAsync(waf.Configuration());

        Assert.Contains($"{waf.RulesPath}:2:1: error: waf.rules: there is no directive SecRulez", Assert.Single(problems), StringComparison.Ordinal);
        Assert.NotEmpty(waf.Gateway.Host.LastProblems);
        using var attack = await client.GetAsync(waf.Gateway.Address("/?a=bodyattack"));
        using var harmless = await client.GetAsync(waf.Gateway.Address("/?a=x"));
        Assert.Equal(HttpStatusCode.Forbidden, attack.StatusCode);
        Assert.Equal(HttpStatusCode.OK, harmless.StatusCode);
    }

    [Theory]
    [InlineData("rules.conf")]
    [InlineData("more/included.conf")]
    [InlineData("words.data")]
    public async Task A_change_of_any_file_of_the_rules_is_noticed(string changed)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("rules.conf", "Include more/*.conf\nSecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:2,deny\"\n");
        directory.Write("more/included.conf", "SecAction \"id:2,phase:1,pass,nolog\"\n");
        directory.Write("words.data", "one\n");
        var file = directory.Write("portcullis.yaml", "waf: { rules: rules.conf }\n" + Configuration.Load.Minimal);
        var noticed = new TaskCompletionSource();
        var loader = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>());
        await using var watcher = new ConfigurationWatcher(file, _ =>
        {
            noticed.TrySetResult();
            return Task.CompletedTask;
        }, TimeProvider.System, NullLogger.Instance);
        watcher.Loaded(loader.LoadFile(file));
        watcher.Start();

        File.AppendAllText(Path.Combine(directory.Path, changed), "# changed\n");

        await noticed.Task.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public void A_new_file_of_a_pattern_changes_what_is_watched()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("rules/one.conf", string.Empty);
        var options = new WafOptions { Rules = [RuleSet.Builtin, Path.Combine(directory.Path, "rules/*.conf")] };
        var rules = Path.Combine(directory.Path, "rules");
        Assert.Equal([Path.Combine(rules, "one.conf"), rules], RuleSets.WatchedPaths(options));
        var before = RuleSets.Fingerprint(rules);

        directory.Write("rules/two.conf", string.Empty);

        Assert.NotEqual(before, RuleSets.Fingerprint(rules));
    }

    [Fact]
    public async Task What_rules_remember_outlives_a_reload()
    {
        const string Counting = """
            SecAction "id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}"
            SecAction "id:2,phase:1,pass,nolog,setvar:ip.seen=+1"
            SecRule IP:seen "@ge 3" "id:3,phase:1,deny,status:429"
            """;
        await using var waf = await WafGateway.StartAsync(rules: Counting);
        using var client = waf.Gateway.Client();
        using var first = await client.GetAsync(waf.Gateway.Address());
        using var second = await client.GetAsync(waf.Gateway.Address());
        File.WriteAllText(waf.RulesPath, Counting + "\n# changed\n");
        Assert.Empty(await waf.Gateway.ApplyAsync(waf.Configuration()));

        using var third = await client.GetAsync(waf.Gateway.Address());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode, third.StatusCode));
    }

    [Fact]
    public async Task Requests_are_counted_by_mode_and_result()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();
        using var clean = await client.GetAsync(waf.Gateway.Address());
        using var attack = await client.GetAsync(waf.Gateway.Address("/?a=bodyattack"));
        await waf.Gateway.DecisionsAsync(2);

        var metrics = PrometheusText.Write(waf.Gateway.Host);

        Assert.Contains("portcullis_waf_requests_total{mode=\"block\",result=\"clean\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("portcullis_waf_requests_total{mode=\"block\",result=\"blocked\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("portcullis_waf_inspection_seconds_count 2\n", metrics, StringComparison.Ordinal);
    }
}
