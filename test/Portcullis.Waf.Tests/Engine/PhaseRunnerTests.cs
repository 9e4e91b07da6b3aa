using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

public sealed class PhaseRunnerTests
{
    [Fact]
    public void Rules_of_the_logging_phase_match_only_what_they_match_after_a_block()
    {
        const string Rules = """
            SecRule ARGS:a "@streq x" "id:1,phase:1,deny"
            SecRule ARGS "@streq y" "id:2,phase:5,pass,skipAfter:END"
            SecAction "id:3,phase:5,pass"
            SecMarker END
            SecRule ARGS "@streq y" "id:4,phase:5,pass,chain"
              SecAction "setvar:tx.wrong=1"
            SecRule TX:wrong "@eq 1" "id:5,phase:5,pass"
            """;
        Assert.Equal("1 3", new Exchange { Target = "/?a=x" }.Run(Rules).Ids);
    }

    [Fact]
    public void Selectors_that_differ_in_the_case_of_a_class_are_different()
    {
        const string Rules = """
            SecRule ARGS:/^\d$/ "@rx attack" "id:1,phase:1,pass"
            SecRule ARGS:/^\D$/ "@rx attack" "id:2,phase:1,pass"
            """;
        Assert.Equal("2", new Exchange { Target = "/?a=attack&1=x" }.Run(Rules).Ids);
        Assert.Equal("1", new Exchange { Target = "/?a=x&1=attack" }.Run(Rules).Ids);
    }

    [Fact]
    public void Selectors_by_different_patterns_are_different()
    {
        const string Rules = """
            SecRule ARGS:/^a/ "@rx attack" "id:1,phase:1,pass"
            SecRule ARGS:/^b/ "@rx attack" "id:2,phase:1,pass"
            """;
        Assert.Equal("2", new Exchange { Target = "/?a=1&b=attack" }.Run(Rules).Ids);
    }

    [Fact]
    public void A_processor_set_by_ctl_is_seen_by_later_rules_of_the_same_phase()
    {
        const string Rules = """
            SecRule REQBODY_PROCESSOR "@rx JSON" "id:1,phase:1,pass"
            SecAction "id:2,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
            SecRule REQBODY_PROCESSOR "@rx JSON" "id:3,phase:1,pass"
            """;
        Assert.Equal("3", new Exchange().Run(Rules).Ids);
    }

    [Fact]
    public void Nothing_runs_after_the_engine_is_switched_off_not_even_the_rest_of_the_chain()
    {
        const string Rules = """
            SecRule ARGS:a "@streq x" "id:1,phase:1,pass,ctl:ruleEngine=Off,chain"
              SecRule ARGS:a "@streq never" "t:none"
            SecAction "id:2,phase:1,deny"
            """;
        var outcome = new Exchange { Target = "/?a=x" }.Run(Rules);
        Assert.Equal("", outcome.Ids);
        Assert.Null(outcome.Interruption);
    }

    [Fact]
    public void Known_variables_are_kept_however_many_a_client_makes_up()
    {
        const string Rules = """
            SecRule ARGS_NAMES "@unconditionalMatch" "id:1,phase:2,pass,nolog,setvar:tx.%{MATCHED_VAR}=1"
            SecAction "id:2,phase:2,pass,nolog,setvar:tx.score=+5"
            SecRule TX:score "@ge 5" "id:3,phase:2,deny"
            SecArgumentsLimit 10000
            """;
        var body = string.Join('&', Enumerable.Range(0, 5000).Select(at => $"n{at}=1"));
        Assert.Equal(403, Exchange.Form(body).Run(Rules).Interruption?.Status);
    }

    [Fact]
    public void Members_of_a_persistent_collection_can_be_left_out()
    {
        const string Rules = """
            SecAction "id:1,phase:1,nolog,pass,initcol:ip=%{REMOTE_ADDR},setvar:ip.a=bad,setvar:ip.b=good"
            SecRule IP|!IP:a "@streq bad" "id:2,phase:1,pass"
            """;
        Assert.Equal("", new Exchange().Run(Rules, collections: new Portcullis.Waf.Variables.PersistentCollections(TimeProvider.System)).Ids);
    }

    [Fact]
    public void Matched_variables_are_selected_by_name()
    {
        const string Rules = """
            SecRule ARGS "@rx attack" "id:1,phase:1,pass,chain"
              SecRule MATCHED_VARS:ARGS:b "@rx 2" "t:none"
            """;
        Assert.Equal("1", new Exchange { Target = "/?a=attack1&b=attack2" }.Run(Rules).Ids);
        Assert.Equal("", new Exchange { Target = "/?a=attack2&b=attack1" }.Run(Rules).Ids);
    }

    [Fact]
    public void What_stands_before_a_false_scheme_is_looked_at()
    {
        const string Rules = """SecRule ARGS:id "@rx union" "id:1,phase:1,deny" """;
        Assert.NotNull(new Exchange { Target = "a?id=union&u=://x/" }.Run(Rules).Interruption);
    }

    [Fact]
    public void The_thousand_and_first_cookie_is_looked_at()
    {
        const string Rules = """SecRule REQUEST_COOKIES "@rx union" "id:1,phase:1,deny" """;
        var cookies = string.Concat(Enumerable.Repeat("a=1;", 1500)) + "b=union";
        Assert.NotNull(new Exchange { Headers = [("Cookie", cookies)] }.Run(Rules).Interruption);
    }
}
