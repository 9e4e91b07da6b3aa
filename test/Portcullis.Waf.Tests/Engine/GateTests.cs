using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

/// <summary>Rules that compare one number, and are mostly passed over without being looked at.</summary>
public sealed class GateTests
{
    // Each gate is open, shut, or to be looked at whole; rule 2 reports what is jumped over by none but an open one.
    [Theory]
    [InlineData("TX:n \"@lt 2\"", "3")]
    [InlineData("TX:n \"@lt 1\"", "2 3")]
    [InlineData("TX:n \"!@lt 1\"", "3")]
    [InlineData("TX:none \"@lt 1\"", "2 3")]
    [InlineData("TX:none \"!@lt 1\"", "2 3")]
    [InlineData("TX:text \"@eq 1\"", "3")]
    [InlineData("TX:text \"@eq 2\"", "2 3")]
    [InlineData("&TX:n \"@eq 1\"", "3")]
    [InlineData("&TX:none \"@eq 0\"", "3")]
    [InlineData("&TX:none \"@eq 1\"", "2 3")]
    [InlineData("REQBODY_ERROR \"@eq 0\"", "3")]
    [InlineData("REQBODY_ERROR \"!@eq 0\"", "2 3")]
    [InlineData("RESPONSE_STATUS \"@eq 0\"", "2 3")]
    [InlineData("TX:n|TX:none \"@lt 2\"", "3")]
    public void A_gate_of_a_number_jumps_where_its_comparison_holds(string gate, string ids)
    {
        const string Setup = "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.n=1,setvar:tx.text=1x\"\n";
        const string Rest = "\nSecAction \"id:2,phase:1,pass\"\nSecMarker END\nSecAction \"id:3,phase:1,pass\"";
        Assert.Equal(ids, new Exchange().Run($"{Setup}SecRule {gate} \"id:4,phase:1,pass,nolog,skipAfter:END\"{Rest}").Ids);
        Assert.Equal(ids, new Exchange().Run($"{Setup}SecRule {gate} \"id:4,phase:1,pass,nolog,skip:1\"{Rest}").Ids);
    }

    [Fact]
    public void A_gate_sets_variables_where_it_is_open_and_in_the_order_of_its_actions()
        => Assert.Equal("last GET POST 010 1 shut|0", new Exchange().Run($"""
            SecRule &TX:a "@eq 0" "id:1,phase:1,pass,nolog,setvar:tx.a=first,setvar:tx.a=last,setvar:'tx.b=GET POST',setvar:tx.c=010,setvar:tx.d=1,setvar:tx.e=shut"
            SecRule &TX:a "@eq 0" "id:2,phase:1,pass,nolog,setvar:tx.e=open"
            SecAction "id:3,phase:1,pass,msg:'{"%{tx.a} %{tx.b} %{tx.c} %{tx.d} %{tx.e}"}'"
            SecRule TX:d "@lt 2" "id:4,phase:1,pass,nolog,setvar:tx.d=0"
            SecAction "id:5,phase:1,pass,msg:'{"%{tx.d}"}'"
            """).Messages);

    [Fact]
    public void A_gate_sets_no_variable_that_the_settings_hold_fast()
        => Assert.Equal("3", new Exchange().Run("""
            SecRule &TX:x "@eq 0" "id:1,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=1,setvar:tx.detection_paranoia_level=1"
            SecAction "id:2,phase:1,pass,msg:'%{tx.blocking_paranoia_level}'"
            """, new InspectionOptions { ParanoiaLevel = 3 }).Messages);

    [Theory]
    [InlineData("ctl:ruleRemoveById=4")]
    [InlineData("ctl:ruleRemoveTargetById=4;TX:n")]
    public void A_gate_that_is_out_for_the_transaction_does_not_jump(string control)
        => Assert.Equal("2", new Exchange().Run($"""
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.n=1,{control}"
            SecRule TX:n "@lt 2" "id:4,phase:1,pass,nolog,skip:1"
            SecAction "id:2,phase:1,pass"
            """).Ids);

    [Theory]
    [InlineData("TX:n", "7 TX:n")]
    [InlineData("&TX:n", "1 &TX:n")]
    public void What_a_gate_matched_is_there_for_a_later_rule(string gate, string expected)
        => Assert.Equal(expected, new Exchange().Run($"""
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.n=7"
            SecRule {gate} "@lt 8" "id:2,phase:1,pass,nolog"
            SecRule MATCHED_VAR "@rx ^(.)" "id:3,phase:1,pass,nolog,capture"
            SecRule {gate} "@lt 8" "id:4,phase:1,pass,nolog"
            SecRule MATCHED_VAR_NAME "@rx ^(.*)" "id:5,phase:1,pass,nolog,setvar:'tx.name={"%{MATCHED_VAR}"}'"
            SecAction "id:6,phase:1,pass,msg:'{"%{tx.1} %{tx.name}"}'"
            """).Messages);
}
