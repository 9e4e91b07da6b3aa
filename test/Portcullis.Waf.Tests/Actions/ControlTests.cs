using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Actions;

public sealed class ControlTests
{
    private const string Body = """
        SecRule ARGS_POST "@rx attack" "id:2,phase:2,pass"
        SecRule REQUEST_BODY "@rx attack" "id:3,phase:2,pass"
        """;

    private const string Response = """
        SecRule RESPONSE_BODY "@rx secret" "id:4,phase:4,deny"
        """;

    private static readonly Exchange Leak = new() { ResponseBody = "a secret" };

    [Theory]
    [InlineData("t:none", "2 3")]
    [InlineData("ctl:requestBodyAccess=Off", "")]
    [InlineData("ctl:requestBodyProcessor=RAW", "3")]
    [InlineData("ctl:requestBodyProcessor=json", "")]
    [InlineData("ctl:requestBodyProcessor=JSON,ctl:forceRequestBodyVariable=On", "3")]
    public void A_rule_says_how_the_request_s_body_is_read(string action, string expected)
        => Assert.Equal(expected, Exchange.Form("a=attack").Run($"""SecAction "id:1,phase:1,pass,nolog,{action}" """ + "\n" + Body).Ids);

    [Fact]
    public void A_body_of_no_known_type_is_only_seen_where_a_rule_forces_it()
    {
        var plain = new Exchange { Method = "POST", Headers = [("Content-Type", "text/plain")], Body = "attack" };
        Assert.Equal("", plain.Run(Body).Ids);
        Assert.Equal("3", plain.Run("SecAction \"id:1,phase:1,pass,nolog,ctl:forceRequestBodyVariable=On\"\n" + Body).Ids);
    }

    [Theory]
    [InlineData("Off", null, "t:none", false)]
    [InlineData("On", null, "t:none", true)]
    [InlineData("Off", true, "t:none", true)]
    [InlineData("On", false, "t:none", false)]
    [InlineData("On", null, "ctl:responseBodyAccess=Off", false)]
    [InlineData("On", true, "ctl:responseBodyAccess=Off", false)]
    [InlineData("Off", null, "ctl:responseBodyAccess=On", true)]
    [InlineData("Off", false, "ctl:responseBodyAccess=On", false)]
    public void The_response_s_body_is_read_where_rules_and_route_want_it(string directive, bool? route, string action, bool isRead)
        => Assert.Equal(isRead, Leak.Run($"""
            SecResponseBodyAccess {directive}
            SecAction "id:1,phase:1,pass,nolog,{action}"
            {Response}
            """, new InspectionOptions { InspectsResponseBody = route }).Interruption is not null);

    [Theory]
    [InlineData("text/html", true)]
    [InlineData("TEXT/HTML ; charset=utf-8", true)]
    [InlineData("image/png", false)]
    [InlineData("", false)]
    public void Only_responses_of_the_named_types_are_read(string type, bool isRead)
        => Assert.Equal(isRead, (Leak with { ResponseHeaders = [("Content-Type", type)] }).Run("SecResponseBodyAccess On\n" + Response).Interruption is not null);

    [Fact]
    public void A_long_response_is_cut_or_refused()
    {
        const string Rules = "SecResponseBodyAccess On\nSecResponseBodyLimit 5\n" + Response;
        Assert.Null(Leak.Run(Rules).Interruption);
        Assert.Equal("5", Leak.Run(Rules + "\nSecRule OUTBOUND_DATA_ERROR \"@eq 1\" \"id:5,phase:4,pass\"").Ids);
        Assert.Equal(new Interruption(InterruptionKind.Deny, 500, 0, Waf.Rules.Phase.ResponseBody), Leak.Run(Rules + "\nSecResponseBodyLimitAction Reject").Interruption);
    }

    [Theory]
    [InlineData("ctl:auditEngine=Off")]
    [InlineData("ctl:auditLogParts=+E")]
    [InlineData("ctl:debugLogLevel=9")]
    public void Controls_of_logs_are_accepted(string action) => Assert.Equal("1", new Exchange().Run($"""SecAction "id:1,phase:1,pass,{action}" """).Ids);

    [Fact]
    public void An_action_of_a_link_runs_when_the_link_matches()
        => Assert.Equal("1 4", new Exchange { Target = "/?a=x" }.Run("""
            SecRule ARGS:a "@streq x" "id:1,phase:1,pass,chain"
              SecAction "ctl:ruleRemoveById=2"
            SecAction "id:2,phase:1,pass"
            SecRule ARGS:a "@streq y" "id:3,phase:1,pass,ctl:ruleRemoveById=4,chain"
              SecAction "ctl:ruleRemoveById=4"
            SecAction "id:4,phase:1,pass"
            """).Ids);
}
