using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

public sealed class ExclusionTests
{
    private const string Rules = """
        SecRule ARGS "@rx attack" "id:10,phase:1,pass,tag:'attack-sqli',msg:'First'"
        SecRule ARGS|REQUEST_HEADERS "@rx attack" "id:11,phase:1,pass,tag:'attack-xss',tag:'language-x',msg:'Second'"
        SecRule &ARGS "@ge 1" "id:12,phase:1,pass,tag:'other'"
        """;

    private static readonly Exchange Attack = new() { Target = "/?a=attack&b=attack", Headers = [("X-Test", "attack")] };

    [Theory]
    [InlineData("10", null, "11 11 11 12")]
    [InlineData("10-11", null, "12")]
    [InlineData("attack-sqli", null, "11 11 11 12")]
    [InlineData("11", "ARGS:a", "10 10 11 11 12")]
    [InlineData("11", "ARGS:A", "10 10 11 11 12")]
    [InlineData("11", "ARGS", "10 10 11 12")]
    [InlineData("11", "ARGS:/^[ab]$/", "10 10 11 12")]
    [InlineData("attack-xss", "REQUEST_HEADERS:X-Test", "10 10 11 11 12")]
    [InlineData("10", "ARGS:absent", "10 10 11 11 11 12")]
    public void A_route_leaves_out_rules_and_targets(string which, string? target, string expected)
        => Assert.Equal(expected, Attack.Run(Rules, new InspectionOptions { Exclusions = [new RuleExclusion(which, target)] }).Ids);

    [Fact]
    public void A_target_that_no_rule_mentions_can_be_left_out()
        => Assert.Equal("", new Exchange { Target = "/?neverMentioned=attack" }.Run("""SecRule ARGS "@rx attack" "id:1,phase:1,pass" """, new InspectionOptions { Exclusions = [new RuleExclusion("1", "ARGS:NEVERmentioned")] }).Ids);

    [Fact]
    public void An_excluded_argument_is_left_out_under_each_of_its_names()
    {
        const string ByKind = """
            SecRule ARGS_GET "@rx attack" "id:1,phase:2,pass"
            SecRule ARGS_POST "@rx attack" "id:2,phase:2,pass"
            SecRule ARGS_GET_NAMES "@rx ^a$" "id:3,phase:2,pass"
            """;
        var exchange = Exchange.Form("a=attack") with { Target = "/?a=attack" };
        Assert.Equal("1 2 3", exchange.Run(ByKind).Ids);
        Assert.Equal("3", exchange.Run(ByKind, new InspectionOptions { Exclusions = [new RuleExclusion("1-3", "ARGS:a")] }).Ids);
        Assert.Equal("1 2", exchange.Run(ByKind, new InspectionOptions { Exclusions = [new RuleExclusion("1-3", "ARGS_NAMES:a")] }).Ids);
    }

    [Theory]
    [InlineData("99", null, "no rule has the id or tag '99'")]
    [InlineData("attack-sqly", null, "no rule has the id or tag 'attack-sqly'; did you mean attack-sqli?")]
    [InlineData("10", "ARG:a", "there is no variable ARG; did you mean ARGS?")]
    [InlineData("10", "ARGS|TX", "'ARGS|TX' is not one target; write for example ARGS:comment")]
    [InlineData("10", "!ARGS", "'!ARGS' is not one target; write for example ARGS:comment")]
    [InlineData("10", "REQUEST_METHOD:a", "REQUEST_METHOD has no members, so :a selects nothing")]
    public void A_wrong_exclusion_says_what_is_wrong(string which, string? target, string expected)
    {
        Assert.Null(SecRules.Compile(Rules).Prepare(new InspectionOptions { Exclusions = [new RuleExclusion(which, target)] }, out var errors));
        Assert.Equal([expected], errors);
    }

    [Fact]
    public void Numbers_of_options_are_checked()
    {
        Assert.Null(SecRules.Compile(Rules).Prepare(new InspectionOptions { ParanoiaLevel = 5, InboundThreshold = 0, OutboundThreshold = -1, RequestBodyLimit = 0 }, out var errors));
        Assert.Equal(4, errors.Count);
    }

    [Fact]
    public void What_a_route_pins_no_rule_changes()
    {
        const string Scoring = """
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=1,setvar:tx.inbound_anomaly_score_threshold=5"
            SecAction "id:2,phase:1,pass,nolog,setvar:!tx.blocking_paranoia_level"
            SecRule TX:blocking_paranoia_level "@ge 3" "id:3,phase:1,pass"
            SecRule TX:inbound_anomaly_score_threshold "@eq 50" "id:4,phase:1,pass"
            """;
        Assert.Equal("", new Exchange().Run(Scoring).Ids);
        Assert.Equal("3 4", new Exchange().Run(Scoring, new InspectionOptions { ParanoiaLevel = 3, InboundThreshold = 50 }).Ids);
    }

    [Theory]
    [InlineData("ctl:ruleRemoveById=10", "11 11 11 12")]
    [InlineData("ctl:ruleRemoveById=10-11", "12")]
    [InlineData("ctl:ruleRemoveByTag=^attack-", "12")]
    [InlineData("ctl:ruleRemoveByMsg=Second", "10 10 12")]
    [InlineData("ctl:ruleRemoveTargetById=10;ARGS:a", "10 11 11 11 12")]
    [InlineData("ctl:ruleRemoveTargetByTag=language;ARGS:/a/", "10 10 11 11 12")]
    [InlineData("ctl:ruleRemoveTargetByMsg=First;ARGS", "11 11 11 12")]
    public void A_rule_leaves_out_later_rules_and_targets(string action, string expected)
    {
        Assert.Equal(expected, Attack.Run($"""SecAction "id:1,phase:1,pass,nolog,{action}" """ + "\n" + Rules).Ids);
        Assert.Equal("10 10 11 11 11 12", Attack.Run(Rules + $"""{"\n"}SecAction "id:1,phase:1,pass,nolog,{action}" """).Ids);
    }

    [Fact]
    public void The_same_exclusion_at_each_of_many_values_is_kept_once()
    {
        var text = """
            SecRule ARGS "@unconditionalMatch" "id:1,phase:2,pass,nolog,ctl:ruleRemoveTargetById=3;ARGS:a0"
            SecRule ARGS:a0 "@unconditionalMatch" "id:2,phase:2,pass,nolog,ctl:ruleRemoveTargetById=3;ARGS:a1"
            SecRule ARGS:/^a[012]$/ "@unconditionalMatch" "id:3,phase:2,pass"
            """;
        var body = string.Join('&', Enumerable.Range(0, 2 * RuntimeExclusions.Capacity - 100).Select(at => $"a{at}=1"));
        Assert.Equal("3", Exchange.Form(body).Run(text).Ids);
    }
}
