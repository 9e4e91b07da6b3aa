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

    [Fact]
    public void A_transaction_out_of_which_an_exception_came_is_not_used_again()
    {
        var rules = SecRules.Compile("""
            SecRule ARGS "@rx attack" "id:1,phase:1,pass,setvar:tx.seen=1"
            SecRule TIME_EPOCH "@gt 0" "id:2,phase:1,pass"
            """);
        var settings = rules.Prepare(new InspectionOptions(), out _)!;
        var broken = rules.Begin(settings, clock: new BrokenClock());
        Assert.Throws<NotSupportedException>(() => new Exchange { Target = "/?a=attack" }.Run(broken));
        broken.Dispose();
        using var next = rules.Begin(settings);
        Assert.NotSame(broken, next);
        Assert.Equal("2", new Exchange().Run(next).Ids);
    }

    [Fact]
    public void Values_that_come_between_phases_are_looked_at()
    {
        var rules = SecRules.Compile("""
            SecRule REMOTE_USER|REQUEST_HEADERS|ARGS "@rx attack" "id:1,phase:1,pass"
            SecRule REMOTE_USER|REQUEST_HEADERS|ARGS "@rx attack" "id:2,phase:2,pass"
            SecRule REMOTE_USER|REQUEST_HEADERS|ARGS "@rx attack" "id:3,phase:3,pass"
            SecRule RESPONSE_HEADERS "@rx attack" "id:4,phase:3,pass"
            SecRule RESPONSE_HEADERS "@rx attack" "id:5,phase:4,pass"
            """);
        using var transaction = rules.Begin(rules.Prepare(new InspectionOptions(), out _)!);
        transaction.RequestLine("GET"u8, "/"u8, "HTTP/1.1"u8);
        transaction.ProcessRequestHeaders();
        transaction.Caller("attacker"u8, "Basic"u8);
        transaction.ProcessRequestBody();
        transaction.RequestHeader("X"u8, "attack"u8);
        transaction.ProcessResponseHeaders();
        transaction.ResponseHeader("X"u8, "attack"u8);
        transaction.ProcessResponseBody();
        Assert.Equal("2 3 3 5", string.Join(' ', transaction.Hits.Select(hit => hit.RuleId)));
    }

    [Fact]
    public void A_body_is_read_once()
    {
        var rules = SecRules.Compile("""SecRule ARGS "@rx ." "id:1,phase:2,pass" """);
        using var transaction = rules.Begin(rules.Prepare(new InspectionOptions(), out _)!);
        transaction.RequestHeader("Content-Type"u8, "application/x-www-form-urlencoded"u8);
        transaction.ProcessRequestHeaders();
        Assert.True(transaction.AppendRequestBody("a=1"u8));
        transaction.ProcessRequestBody();
        Assert.False(transaction.AppendRequestBody("&b=2"u8));
        transaction.ProcessRequestBody();
        Assert.Equal(2, transaction.Hits.Count);
        Assert.All(transaction.Hits, hit => Assert.Equal("ARGS:a", hit.Variable));
    }

    [Fact]
    public void Many_transactions_at_once_do_not_mix()
    {
        var rules = SecRules.Compile("""
            SecRule ARGS:a "@rx ^(.+)$" "id:1,phase:2,pass,capture,t:lowercase,setvar:'tx.%{MATCHED_VAR}=%{tx.1}',msg:'%{tx.1} %{ARGS.a}'"
            SecRule &TX "@gt 3" "id:2,phase:2,pass"
            """);
        var settings = rules.Prepare(new InspectionOptions(), out _)!;
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, at =>
        {
            using var transaction = rules.Begin(settings);
            var outcome = new Exchange { Target = $"/?a=V{at}" }.Run(transaction);
            Assert.Equal($"v{at} V{at}", outcome.Messages);
        });
    }

    private sealed class BrokenClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new NotSupportedException();
    }
}
