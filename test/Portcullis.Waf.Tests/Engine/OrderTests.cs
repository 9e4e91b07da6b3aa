using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

/// <summary>In which order rules act and what each action does to the rules after it.</summary>
public sealed class OrderTests
{
    private static readonly Exchange Two = new() { Target = "/?a=x1&b=x2&c=y" };

    [Fact]
    public void A_chain_head_acts_at_each_match_though_the_chain_fails()
        => Assert.Equal("2|n=2", Run("""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,pass,setvar:tx.n=+1,chain"
              SecRule ARGS "@streq never" "t:none"
            SecAction "id:2,phase:1,pass,msg:'n=%{tx.n}'"
            """));

    [Fact]
    public void A_chain_is_reported_once_for_each_match_of_its_last_link()
        => Assert.Equal("1 1|ARGS:a ARGS:b", RunVariables("""
            SecRule ARGS:c "@streq y" "id:1,phase:1,pass,chain"
              SecRule ARGS "@beginsWith x" "t:none"
            """));

    [Fact]
    public void Matched_variables_gather_over_a_chain_and_begin_anew_with_the_next()
        => Assert.Equal("2 2 2 4|3|3|3|1", Run("""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,pass,nolog,chain"
              SecRule ARGS:c "@streq y" "chain"
                SecRule &MATCHED_VARS "@eq 3" "setvar:tx.count=3"
            SecRule TX:count|ARGS:a|ARGS:b "@rx ^." "id:2,phase:1,pass,msg:'%{tx.count}'"
            SecRule ARGS:c "@streq y" "id:4,phase:1,pass,msg:'%{tx.ones}',chain"
              SecRule &MATCHED_VARS "@eq 1" "setvar:tx.ones=1"
            """));

    [Fact]
    public void The_last_match_stays_for_later_rules_and_phases()
        => Assert.Equal("2|ARGS:b=x2", Run("""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,pass,nolog"
            SecAction "id:3,phase:2,pass,nolog,setvar:tx.z=%{MATCHED_VAR_NAME}"
            SecRule ARGS:b "@streq x2" "id:2,phase:2,pass,msg:'%{MATCHED_VAR_NAME}=%{MATCHED_VAR}'"
            """));

    [Fact]
    public void Captures_of_the_last_match_stand_and_higher_groups_are_unset()
        => Assert.Equal("3|[ab][a][b][] 1", Run("""
            SecRule QUERY_STRING "@rx (a)=(x)(1)" "id:1,phase:1,pass,nolog,capture"
            SecAction "id:2,phase:1,pass,nolog,setvar:tx.p=ab"
            SecRule TX:p "@rx (a)(b)" "id:4,phase:1,pass,nolog,capture"
            SecRule &TX:3 "@eq 0" "id:3,phase:1,pass,msg:'[%{tx.0}][%{tx.1}][%{tx.2}][%{tx.3}] 1'"
            """));

    [Fact]
    public void Groups_that_took_no_part_are_empty_before_the_last_one_and_unset_behind_it()
        => Assert.Equal("2 3", Two.Run("""
            SecRule ARGS:a "@rx (n)?(x)(z)?(q)?" "id:1,phase:1,pass,nolog,capture"
            SecRule &TX:1|&TX:2 "@eq 1" "id:2,phase:1,pass,chain"
              SecRule &MATCHED_VARS "@eq 2"
            SecRule &TX:3|&TX:4 "@eq 0" "id:3,phase:1,pass,chain"
              SecRule &MATCHED_VARS "@eq 2"
            """).Ids);

    // Groups are found when somebody asks: all ways to ask.
    [Theory]
    [InlineData("&TX:2", "@eq 0")]
    [InlineData("TX:/^1$/", "@streq b")]
    [InlineData("TX", "@streq ab")]
    [InlineData("TX:1", "@streq b")]
    [InlineData("&TX:1", "@eq 1")]
    [InlineData("ARGS:b", "@streq %{tx.1}")]
    [InlineData("ARGS:b", "@rx ^%{tx.1}$")]
    public void Groups_of_a_match_are_there_for_whoever_asks(string target, string comparison)
        => Assert.Equal("2", new Exchange { Target = "/?a=ab&b=b" }.Run($"""
            SecAction "id:3,phase:1,pass,nolog,setvar:tx.2=old"
            SecRule ARGS:a "@rx a(b)(c)?" "id:1,phase:1,pass,nolog,capture"
            SecRule {target} "{comparison}" "id:2,phase:1,pass"
            """).Ids);

    [Fact]
    public void A_group_that_a_rule_sets_replaces_that_of_the_match_alone()
        => Assert.Equal("set b|||", new Exchange { Target = "/?a=ab" }.Run("""
            SecRule ARGS:a "@rx a(b)" "id:1,phase:1,pass,nolog,capture,setvar:tx.0=set"
            SecAction "id:2,phase:1,pass,msg:'%{tx.0} %{tx.1}'"
            SecAction "id:4,phase:1,pass,nolog,setvar:!tx.0,setvar:!tx.1"
            SecAction "id:5,phase:1,pass,msg:'%{tx.0}%{tx.1}'"
            SecRule ARGS:a "@rx a(b)" "id:6,phase:1,pass,nolog,capture,setvar:!tx.0,setvar:!tx.1"
            SecAction "id:7,phase:1,pass,msg:'%{tx.0}%{tx.1}'"
            SecRule ARGS:a "@rx x" "id:8,phase:1,pass,nolog,capture"
            SecAction "id:9,phase:1,pass,msg:'%{tx.0}%{tx.1}'"
            """).Messages);

    [Fact]
    public void Groups_of_each_value_are_those_of_that_value()
        => Assert.Equal("one,two,", new Exchange { Target = "/?a=x-one&a=x-two" }.Run("""
            SecRule ARGS:a "@rx x-(.*)" "id:1,phase:1,pass,nolog,capture,setvar:'tx.all=%{tx.all}%{tx.1},'"
            SecAction "id:2,phase:1,pass,msg:'%{tx.all}'"
            """).Messages);

    [Fact]
    public void Macros_in_tags_are_filled_in_and_rules_are_selected_by_what_is_written()
    {
        const string Rules = """
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.team=shop"
            SecRule ARGS:a "@rx ." "id:2,phase:1,pass,tag:'plain',tag:'team/%{tx.team}/%{MATCHED_VAR_NAME}'"
            """;
        Assert.Equal(["plain", "team/shop/ARGS:a"], Assert.Single(new Exchange { Target = "/?a=1" }.Run(Rules).Hits).Tags);
        Assert.Equal("", new Exchange { Target = "/?a=1" }.Run("SecAction \"id:9,phase:1,pass,nolog,ctl:ruleRemoveByTag=tx.team\"\n" + Rules).Ids);
        Assert.Contains("there is no variable NOTHING", SecRules.Errors("SecAction \"id:1,phase:1,pass,tag:'a%{NOTHING}'\""), StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_as_written_tells_nothing_of_the_request()
    {
        var hit = Assert.Single(new Exchange { Target = "/?a=my+secret+word" }.Run("""
            SecRule ARGS:a "@rx s(ecre)t" "id:1,phase:1,pass,capture,msg:'Found %{TX.0} with %{tx.1} in %{MATCHED_VAR}'"
            """).Hits);
        Assert.Equal("Found secret with ecre in my secret word", hit.Message);
        Assert.Equal("Found %{TX.0} with %{tx.1} in %{MATCHED_VAR}", hit.MessageAsWritten);
    }

    [Fact]
    public void A_match_without_capture_leaves_the_groups_as_they_were()
        => Assert.Equal("3|x1", Run("""
            SecRule ARGS:a "@rx x1" "id:1,phase:1,pass,nolog,capture"
            SecRule ARGS:b "@rx x2" "id:2,phase:1,pass,nolog"
            SecAction "id:3,phase:1,pass,msg:'%{tx.0}'"
            """));

    [Fact]
    public void Multi_match_scores_each_change()
        => Assert.Equal("2|3", new Exchange { Target = "/?a=%2541%2541" }.Run("""
            SecRule ARGS:a "@rx ." "id:1,phase:1,pass,nolog,multiMatch,t:none,t:urlDecode,t:urlDecode,t:lowercase,setvar:tx.n=+1"
            SecAction "id:2,phase:1,pass,msg:'%{tx.n}'"
            """) is var outcome ? $"{outcome.Ids}|{outcome.Messages}" : "");

    [Fact]
    public void Negated_rules_do_not_match_what_is_absent()
        => Assert.Equal("2", Two.Run("""
            SecRule ARGS:absent "!@rx x" "id:1,phase:1,pass"
            SecRule ARGS:c "!@rx x" "id:2,phase:1,pass"
            SecRule TX:absent "!@eq 5" "id:3,phase:1,pass"
            """).Ids);

    [Fact]
    public void Counts_are_of_what_is_there()
        => Assert.Equal("1 2 3 4 5", Two.Run("""
            SecRule &ARGS "@eq 3" "id:1,phase:1,pass"
            SecRule &ARGS:absent "@eq 0" "id:2,phase:1,pass"
            SecRule &ARGS:/^[ab]$/ "@eq 2" "id:3,phase:1,pass"
            SecRule &TX:none "!@gt 0" "id:4,phase:1,pass"
            SecRule &ARGS:a|&ARGS:B "@rx ^1$" "id:5,phase:1,pass,chain"
              SecRule &MATCHED_VARS "@eq 2"
            """).Ids.Replace("5 5", "5", StringComparison.Ordinal));

    [Fact]
    public void Skip_passes_over_whole_chains()
        => Assert.Equal("1 4", Two.Run("""
            SecAction "id:1,phase:1,pass,skip:2"
            SecRule ARGS:c "@streq y" "id:2,phase:1,pass,chain"
              SecRule ARGS:a "@streq x1"
            SecAction "id:3,phase:1,pass"
            SecAction "id:4,phase:1,pass"
            """).Ids);

    [Fact]
    public void Skip_after_leads_to_the_next_marker_of_the_name_or_behind_a_rule()
        => Assert.Equal("1 4 6 8", Two.Run("""
            SecMarker HERE
            SecAction "id:1,phase:1,pass,skipAfter:HERE"
            SecAction "id:2,phase:1,pass"
            SecMarker HERE
            SecAction "id:3,phase:2,pass,nolog"
            SecAction "id:4,phase:1,pass,skipAfter:5"
            SecAction "id:7,phase:1,pass"
            SecAction "id:5,phase:1,pass"
            SecAction "id:6,phase:1,pass,skipAfter:LAST"
            SecAction "id:9,phase:1,pass"
            SecMarker LAST
            SecMarker HERE
            SecAction "id:8,phase:1,pass"
            """).Ids);

    [Theory]
    [InlineData("allow", "1 5")]
    [InlineData("allow:phase", "1 3 4 5")]
    [InlineData("allow:request", "1 4 5")]
    public void Allow_takes_out_what_it_says(string action, string expected)
    {
        var rules = $"""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,{action}"
            SecAction "id:2,phase:1,deny"
            SecAction "id:3,phase:2,pass"
            SecAction "id:4,phase:3,pass"
            SecAction "id:5,phase:5,pass"
            """;
        Assert.Equal(expected, Two.Run(rules).Ids);
        Assert.Equal(expected, Two.Run(rules, new InspectionOptions { Mode = EngineMode.DetectionOnly }).Ids);
    }

    [Fact]
    public void A_block_ends_all_phases_but_logging()
    {
        var outcome = Two.Run("""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,deny,status:418"
            SecAction "id:2,phase:1,pass"
            SecAction "id:3,phase:2,pass"
            SecAction "id:4,phase:5,deny"
            """);
        Assert.Equal("1 4", outcome.Ids);
        Assert.Equal(new Interruption(InterruptionKind.Deny, 418, 1, Waf.Rules.Phase.RequestHeaders), outcome.Interruption);
    }

    [Fact]
    public void Detection_goes_on_and_says_what_would_have_been()
    {
        var outcome = Two.Run("""
            SecRule ARGS "@beginsWith x" "id:1,phase:1,drop"
            SecAction "id:2,phase:2,deny"
            """, new InspectionOptions { Mode = EngineMode.DetectionOnly });
        Assert.Equal("1 1 2", outcome.Ids);
        Assert.Null(outcome.Interruption);
        Assert.Equal(new Interruption(InterruptionKind.Drop, 403, 1, Waf.Rules.Phase.RequestHeaders), outcome.Suppressed);
    }

    [Theory]
    [InlineData("deny", 406)]
    [InlineData("deny,status:404", 404)]
    [InlineData("redirect:/x", 302)]
    [InlineData("redirect:/x,status:307", 307)]
    [InlineData("status:404,redirect:/x", 302)]
    [InlineData("block", 406)]
    [InlineData("t:none", 406)]
    [InlineData("block,status:410", 410)]
    [InlineData("pass,block", 406)]
    [InlineData("pass", null)]
    public void The_status_is_the_rule_s_or_the_default_s(string actions, int? status)
        => Assert.Equal(status, new Exchange().Run($"""
            SecDefaultAction "phase:1,log,deny,status:406"
            SecAction "id:1,phase:1,{actions}"
            """).Interruption?.Status);

    [Fact]
    public void Without_a_default_a_rule_is_reported_and_passes()
    {
        var outcome = new Exchange().Run("""
            SecAction "id:1,phase:1"
            SecAction "id:2,phase:1,block"
            SecAction "id:3,phase:1,deny"
            """);
        Assert.Equal("1 2 3", outcome.Ids);
        Assert.Equal(403, outcome.Interruption?.Status);
    }

    [Fact]
    public void A_redirect_carries_no_bytes_that_end_a_field_line()
        => Assert.Equal("https://h/a%0D%0AX:%20%C3%A9%22?b", new Exchange { Target = "/?u=a%0d%0aX:%20%c3%a9%22%3fb" }.Run("""SecAction "id:1,phase:1,redirect:https://h/%{ARGS.u}" """).Interruption?.RedirectTo);

    [Fact]
    public void The_highest_severity_is_that_of_rules_that_matched_whole()
        => Assert.Equal("1 2 4|||3", Run("""
            SecAction "id:1,phase:1,pass,severity:WARNING"
            SecAction "id:2,phase:1,pass,severity:3"
            SecRule ARGS:c "@streq y" "id:3,phase:1,pass,severity:0,chain"
              SecRule ARGS:c "@streq never"
            SecRule HIGHEST_SEVERITY "@lt 255" "id:4,phase:1,pass,severity:7,msg:'%{HIGHEST_SEVERITY}'"
            """));

    [Fact]
    public void A_rule_knows_itself()
        => Assert.Equal("7|7 2 r text 5", Run("""
            SecRule RULE:id "@eq 7" "id:7,phase:1,pass,severity:2,rev:r,logdata:text,msg:'%{rule.id} %{rule.severity} %{rule.rev} %{rule.logdata} %{tx.n}',setvar:tx.n=5"
            """));

    [Theory]
    [InlineData("setvar:tx.n=5", "5")]
    [InlineData("setvar:tx.n", "1")]
    [InlineData("setvar:tx.n=+5", "15")]
    [InlineData("setvar:tx.n=-3", "7")]
    [InlineData("setvar:tx.n=-30", "0")]
    [InlineData("setvar:tx.n=+x", "10")]
    [InlineData("setvar:tx.n=+%{tx.m}", "12")]
    [InlineData("setvar:tx.n=010", "010")]
    [InlineData("setvar:!tx.n", "")]
    [InlineData("setvar:TX.N=%{tx.m}%{tx.m}", "22")]
    [InlineData("setvar:tx.%{tx.name}=9", "9")]
    [InlineData("setvar:tx.n=+9223372036854775807", "9223372036854775807")]
    [InlineData("setvar:tx.n=", "")]
    public void Variables_are_set_and_counted(string action, string expected)
        => Assert.Equal($"2|{expected}", Run($"""
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.n=10,setvar:tx.m=2,setvar:tx.name=n,{action}"
            SecAction "id:2,phase:1,pass,msg:'%{"{tx.n}"}'"
            """));

    [Fact]
    public void What_a_route_detects_no_rule_makes_refuse()
        => Assert.Null(Two.Run("""
            SecAction "id:1,phase:1,pass,ctl:ruleEngine=On"
            SecAction "id:2,phase:1,deny"
            """, new InspectionOptions { Mode = EngineMode.DetectionOnly }).Interruption);

    [Fact]
    public void Values_that_a_rule_masks_are_in_no_later_report()
    {
        var outcome = new Exchange { Target = "/?password=secret&b=secret" }.Run("""
            SecAction "id:1,phase:1,nolog,pass,sanitiseArg:password"
            SecRule ARGS:password "@rx secret" "id:2,phase:1,pass,msg:'got %{MATCHED_VAR}',logdata:'%{MATCHED_VAR}'"
            SecRule ARGS:b "@rx secret" "id:3,phase:1,pass,sanitiseMatched,logdata:'%{MATCHED_VAR}'"
            SecRule ARGS:b "@rx secret" "id:4,phase:1,pass,logdata:'%{MATCHED_VAR}'"
            """);
        Assert.Equal("* * secret", string.Join(' ', outcome.Hits.Select(hit => hit.Value)));
        Assert.Equal("* * secret", string.Join(' ', outcome.Hits.Select(hit => hit.Data)));
        Assert.DoesNotContain("secret", outcome.Hits[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_are_bounded_but_the_first_match_of_a_rule_is_always_told()
    {
        var outcome = Exchange.Form(string.Join('&', Enumerable.Range(0, 900).Select(at => $"a{at}=" + new string('x', 900)))).Run("""
            SecRule ARGS "@rx x" "id:1,phase:2,pass,logdata:'%{MATCHED_VAR}%{MATCHED_VAR}'"
            SecRule ARGS:a1 "@rx x" "id:2,phase:2,pass"
            """);
        Assert.Equal(HitLog.Capacity + 1, outcome.Hits.Count);
        Assert.Equal(2, outcome.Hits[^1].RuleId);
        Assert.All(outcome.Hits, hit => Assert.Equal(RuleHit.MaximumValueLength + 1, hit.Value.Length));
        Assert.Equal(RuleHit.MaximumTextLength + 1, outcome.Hits[0].Data!.Length);
    }

    private static string Run(string rules)
    {
        var outcome = Two.Run(rules);
        return $"{outcome.Ids}|{outcome.Messages}";
    }

    private static string RunVariables(string rules)
    {
        var outcome = Two.Run(rules);
        return $"{outcome.Ids}|{string.Join(' ', outcome.Hits.Select(hit => hit.Variable))}";
    }
}
