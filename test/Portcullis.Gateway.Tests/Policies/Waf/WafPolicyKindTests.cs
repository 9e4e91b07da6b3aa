using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Configuration;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class WafPolicyKindTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Off_is_a_warning_and_no_policy()
    {
        var bench = new PolicyBench();

        Assert.Empty(bench.Compile(new WafPolicyKind(), new WafPolicyOptions { Mode = WafMode.Off }));
        Assert.Equal(["routes.orders.policies.waf"], bench.Warnings);
    }

    [Theory]
    [InlineData("{ rule: 999999 }", "routes.orders.policies.waf.exclude[0].rule", "no rule has the id or tag '999999'")]
    [InlineData("{ tag: attack-sql }", "routes.orders.policies.waf.exclude[0].tag", "no rule has the id or tag 'attack-sql'")]
    [InlineData("{ rule: 204001, target: \"ARGZ:a\" }", "routes.orders.policies.waf.exclude[0].target", "ARGZ")]
    [InlineData("{ target: \"ARGS:a\" }", "routes.orders.policies.waf.exclude[0]", "names no rule and no tag")]
    [InlineData("{ rule: 204001, tag: attack-sqli }", "routes.orders.policies.waf.exclude[0]", "names a rule and a tag")]
    [InlineData("{ rule: abc }", "routes.orders.policies.waf.exclude[0].rule", "expected a rule's id or a range of ids")]
    [InlineData("{ rule: 5-2 }", "routes.orders.policies.waf.exclude[0].rule", "expected a rule's id or a range of ids")]
    [InlineData("{ rule: 204001, until: 31.1.2027 }", "routes.orders.policies.waf.exclude[0].until", "expected a date")]
    public async Task A_wrong_exclusion_is_an_error_where_it_stands(string exclusion, string path, string message)
    {
        var problems = await CheckAsync($"waf: {{ exclude: [{exclusion}] }}");

        var error = Assert.Single(problems, problem => problem.IsError);
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.True(error.Line > 0 && error.Hint.Length > 0);
    }

    [Theory]
    [InlineData("waf: block")]
    [InlineData("waf: { paranoia: 3, anomalyThreshold: 10, exclude: [{ rule: 204001 }, { rule: 204000-204999, target: ARGS }, { tag: attack-sqli, target: \"ARGS:/^q/\", until: 2999-12-31, reason: x }] }")]
    public async Task A_right_one_is_taken(string policy) => Assert.DoesNotContain(await CheckAsync(policy), problem => problem.IsError);

    [Fact]
    public async Task An_exclusion_that_has_ended_is_a_warning()
        => Assert.Contains(await CheckAsync("waf: { exclude: [{ rule: 204001, until: 2020-01-01 }] }"), problem => !problem.IsError && problem.Path.EndsWith("exclude[0].until", StringComparison.Ordinal));

    [Fact]
    public async Task An_exclusion_ends_on_its_day_without_a_reload()
    {
        var bench = new PolicyBench();
        var today = DateOnly.FromDateTime(bench.Clock.GetUtcNow().UtcDateTime);
        var policies = bench.Compile(new WafPolicyKind(), new WafPolicyOptions { Exclude = [new ExclusionOptions { Rule = new RuleIds(200005, 248999), Until = today.AddDays(2) }] });
        Assert.Empty(bench.Problems);
        var route = PolicyBench.Route(policies);

        Assert.Null((await PolicyBench.Run(route, Attack())).Code);
        bench.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null((await PolicyBench.Run(route, Attack())).Code);
        bench.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(RefusalCode.WafBlocked, (await PolicyBench.Run(route, Attack())).Code);

        static Exchange Attack() => ExchangeFactory.Create(path: "/?id=1%27%20OR%20%271%27=%271");
    }

    [Fact]
    public async Task Errors_of_rule_files_are_errors_of_the_configuration_with_their_file_and_line()
    {
        var file = directory.Write("rules.conf", "SecAction \"id:1,phase:1,pass,nolog\"\n\nSecRule ARGZ \"@rx a\" \"id:2\"\nSecAuditEngine On\n");

        var problems = await CheckAsync("waf: block", "waf: { rules: [rules.conf, missing.conf] }");

        Assert.Contains(problems, problem => problem.IsError && problem.File == file && problem.Line == 3);
        Assert.Contains(problems, problem => problem.IsError && problem.Path == "waf.rules[1]" && problem.Message.Contains("missing.conf", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Directives_without_effect_are_warnings()
    {
        var file = directory.Write("rules.conf", "SecAction \"id:1,phase:1,pass,nolog\"\nSecAuditEngine On\n");

        var problems = await CheckAsync("waf: block", "waf: { rules: \"*.conf\" }");

        Assert.DoesNotContain(problems, problem => problem.IsError);
        Assert.Contains(problems, problem => problem.File == file && problem.Line == 2);
    }

    [Fact]
    public async Task Rules_that_no_route_has_are_checked_all_the_same()
        => Assert.Contains(await CheckAsync("", "waf: { rules: [missing.conf] }"), problem => problem.IsError && problem.Path == "waf.rules[0]");

    [Fact]
    public void Unchanged_rules_are_compiled_once()
    {
        var file = directory.Write("rules.conf", "SecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:1,pass\"\n");
        var words = directory.Write("words.data", "one\n");
        var sets = new RuleSets(TimeProvider.System);
        var options = new WafOptions { Rules = [file] };

        var first = sets.Load(options).RuleSet;
        Assert.NotNull(first);
        Assert.Same(first, sets.Load(new WafOptions { Rules = [file] }).RuleSet);

        File.WriteAllText(words, "two\n");
        var second = sets.Load(options).RuleSet;
        Assert.NotSame(first, second);

        File.WriteAllText(file, "SecRule\n");
        Assert.Null(sets.Load(options).RuleSet);
        File.WriteAllText(file, "SecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:1,pass\"\n");
        Assert.Same(second, sets.Load(options).RuleSet);
    }

    [Fact]
    public async Task Exposed_ids_and_shown_values_are_warnings()
    {
        Assert.Contains(await CheckAsync("waf: block", "telemetry: { exposeWafRules: true }"), problem => problem.Path == "telemetry.exposeWafRules");
        Assert.Contains(await CheckAsync("waf: block", "telemetry: { showMatchedValues: true }"), problem => problem.Path == "telemetry.showMatchedValues");
    }

    [Fact]
    public void A_benign_request_allocates_nothing_in_the_policy()
    {
        var bench = new PolicyBench();
        var policies = bench.Compile(new WafPolicyKind(), new WafPolicyOptions { Paranoia = 1, AnomalyThreshold = new AnomalyThresholdOptions { Inbound = 5, Outbound = 4 } }).ToArray();
        var exchange = ExchangeFactory.Create(path: "/orders/7?page=2", fields: new FieldTable(), responseFields: new FieldTable());
        exchange.Route = PolicyBench.Route(policies);
        exchange.RequestHeaders.UserAgent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";
        exchange.RequestHeaders.Accept = "text/html";
        WafDecision? decision = null;

        Assert.Equal(0, AllocatedBytes.PerOperation(Once));
        Assert.Empty(decision!.Rules);

        void Once()
        {
            foreach (var policy in policies)
            {
                var verdict = policy.OnRequestAsync(exchange);
                if (!verdict.IsCompletedSuccessfully || !verdict.Result.IsContinue) throw new InvalidOperationException("the request was refused, or waited for something");
            }

            policies[0].OnResponse(exchange);
            decision = exchange.Inspection!.Complete(exchange);
            exchange.Inspection.End();
        }
    }

    private async Task<IReadOnlyList<ConfigurationProblem>> CheckAsync(string policy, string section = "")
    {
        var text = Load.Minimal.Replace("authenticate: token", "authenticate: token" + (policy.Length > 0 ? ", " + policy : ""), StringComparison.Ordinal) + section + "\n";
        var result = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>()).Load(System.Text.Encoding.UTF8.GetBytes(text), "test.yaml", directory.Path);
        await ConfigurationCompiler.CheckAsync(result.Bound, result.Problems);
        return result.Problems.All;
    }
}
