using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Engine;

public sealed class PoolTests
{
    private static readonly RuleSet Rules = SecRules.Compile("""SecRule ARGS "@rx attack" "id:1,phase:1,deny,setvar:tx.seen=1" """);

    [Fact]
    public void A_transaction_disposed_twice_is_pooled_once()
    {
        var settings = Rules.Prepare(new InspectionOptions(), out _)!;
        var first = Rules.Begin(settings);
        first.Dispose();
        first.Dispose();
        using var second = Rules.Begin(settings);
        using var third = Rules.Begin(settings);
        Assert.NotSame(second, third);
    }

    [Fact]
    public void A_disposed_transaction_is_not_used()
    {
        var transaction = Rules.Begin(Rules.Prepare(new InspectionOptions(), out _)!);
        transaction.Dispose();
        Assert.Throws<ObjectDisposedException>(() => transaction.ProcessRequestHeaders());
        Assert.Throws<ObjectDisposedException>(() => transaction.RequestHeader("a"u8, "b"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.AppendRequestBody("b"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.ProcessLogging());
    }

    [Fact]
    public void Settings_of_another_rule_set_are_refused()
    {
        var other = SecRules.Compile("""SecAction "id:7,phase:1,pass" """);
        Assert.Throws<ArgumentException>(() => Rules.Begin(other.Prepare(new InspectionOptions(), out _)!));
    }

    [Fact]
    public void A_reused_transaction_knows_nothing_of_the_one_before()
    {
        var rules = SecRules.Compile("""
            SecRule ARGS "@rx attack" "id:1,phase:1,pass,nolog,setvar:tx.seen=1,ctl:ruleRemoveById=3,ctl:ruleRemoveTargetById=4;ARGS:a"
            SecRule TX:seen "@eq 1" "id:2,phase:1,pass"
            SecAction "id:3,phase:1,pass"
            SecRule ARGS:a "@rx ." "id:4,phase:1,pass"
            SecRule MATCHED_VAR "@rx attack" "id:5,phase:2,pass"
            """);
        var settings = rules.Prepare(new InspectionOptions { Exclusions = [new RuleExclusion("5")] }, out _)!;
        var plain = rules.Prepare(new InspectionOptions(), out _)!;
        var transaction = rules.Begin(settings);
        Assert.Equal("2", new Exchange { Target = "/?a=attack" }.Run(transaction).Ids);
        transaction.Dispose();
        using var again = rules.Begin(plain);
        Assert.Same(transaction, again);
        Assert.Equal("3 4", new Exchange { Target = "/?a=harmless" }.Run(again).Ids);
    }
}
