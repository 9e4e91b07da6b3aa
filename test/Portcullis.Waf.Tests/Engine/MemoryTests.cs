using System.Diagnostics;
using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Tests.Engine;

public sealed class MemoryTests
{
    // Six doublings of 4 MiB would be 256 MiB.
    private const string Growing = """
        SecRequestBodyNoFilesLimit 4194304
        SecRule REQBODY_ERROR "@eq 1" "id:9,phase:2,pass"
        SecRule ARGS "@rx x$" "id:1,phase:2,pass,t:hexEncode,t:hexEncode,t:hexEncode,t:hexEncode,t:hexEncode,t:hexEncode"
        SecAction "id:2,phase:2,deny"
        """;

    [Fact]
    public void A_transformation_that_needs_more_than_one_transaction_may_have_is_a_fault()
    {
        var outcome = Exchange.Form("a=" + new string('a', 4_000_000)).Run(Growing);
        Assert.Equal(EngineFault.OutOfRoom, outcome.Fault);
        Assert.Equal("", outcome.Ids);
    }

    [Fact]
    public void A_transaction_that_was_full_is_as_good_as_new()
    {
        var rules = SecRules.Compile(Growing);
        var settings = rules.Prepare(new InspectionOptions(), out _)!;
        var full = rules.Begin(settings);
        Exchange.Form("a=" + new string('a', 4_000_000)).Run(full);
        full.Dispose();
        using var again = rules.Begin(settings);
        Assert.Same(full, again);
        var outcome = Exchange.Form("a=a").Run(again);
        Assert.Equal(EngineFault.None, outcome.Fault);
        Assert.Equal(403, outcome.Interruption?.Status);
    }

    [Fact]
    public void A_variable_that_doubles_at_each_match_is_a_fault()
    {
        const string Rules = """
            SecAction "id:1,phase:1,nolog,pass,setvar:tx.x=seed"
            SecRule ARGS "@unconditionalMatch" "id:2,phase:2,nolog,pass,setvar:'tx.x=%{tx.x}%{tx.x}'"
            """;
        var body = string.Join('&', Enumerable.Range(0, 500).Select(at => $"a{at}=1"));
        Assert.Equal(EngineFault.OutOfRoom, Exchange.Form(body).Run(Rules).Fault);
    }

    [Fact]
    public void Texts_of_nested_elements_that_repeat_one_another_are_a_fault()
    {
        var body = string.Concat(Enumerable.Range(0, 200).Select(_ => "<a>")) + new string('x', 900_000) + string.Concat(Enumerable.Range(0, 200).Select(_ => "</a>"));
        Assert.Equal(EngineFault.OutOfRoom, new Exchange { Method = "POST", Body = body }.Run("""
            SecAction "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=XML"
            SecRule REQBODY_ERROR "@eq 1" "id:2,phase:2,pass"
            SecRule XML://a "@rx y" "id:3,phase:2,pass"
            """).Fault);
    }

    [Fact]
    public void More_made_up_variables_than_are_kept_are_a_fault()
    {
        const string Rules = """
            SecArgumentsLimit 10000
            SecRule ARGS_NAMES "@unconditionalMatch" "id:1,phase:2,pass,nolog,setvar:tx.%{MATCHED_VAR}=1"
            """;
        string Body(int count) => string.Join('&', Enumerable.Range(0, count).Select(at => $"n{at}=1"));
        Assert.Equal(EngineFault.None, Exchange.Form(Body(VariableStore.MaximumMadeUp)).Run(Rules).Fault);
        Assert.Equal(EngineFault.OutOfRoom, Exchange.Form(Body(VariableStore.MaximumMadeUp + 1)).Run(Rules).Fault);
    }

    [Fact]
    public void Made_up_names_cost_the_same_however_many_there_are()
    {
        var store = new VariableStore(new NameTable());
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 20; round++)
        {
            for (var at = 0; at < VariableStore.MaximumMadeUp; at++) Assert.True(store.Set(NameTable.Unknown, Slice.Of($"name-of-the-same-length-{at:D6}"), at));
        }

        // 80,000 look-ups: by comparison with each name they would be 300 million comparisons.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
        Assert.Equal(VariableStore.MaximumMadeUp, store.Count);
        Assert.False(store.Set(NameTable.Unknown, Slice.Of("one more"), 1));
    }

    [Fact]
    public void An_unset_name_keeps_its_place()
    {
        var store = new VariableStore(new NameTable());
        for (var round = 0; round < 3 * VariableStore.MaximumMadeUp; round++)
        {
            Assert.True(store.Set(NameTable.Unknown, Slice.Of("Name"), round));
            Assert.True(store.Find(NameTable.Unknown, "nAME"u8) >= 0);
            store.Unset(NameTable.Unknown, "name"u8);
            Assert.Equal(-1, store.Find(NameTable.Unknown, "name"u8));
        }

        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void An_arena_counts_what_it_gives()
    {
        var arena = new Arena { Limit = 200_000 };
        Assert.True(arena.HasRoom(90_000));
        arena.Copy(new byte[90_000]);
        Assert.False(arena.IsFull);
        Assert.False(arena.HasRoom(1_000_000));
        Assert.True(arena.IsFull);
        arena.Clear();
        Assert.False(arena.IsFull);
        arena.Charge(200_001);
        Assert.True(arena.IsFull);
    }

    [Fact]
    public void What_an_array_grows_to_is_counted_and_given_back()
    {
        var arena = new Arena { Limit = 1_000_000 };
        var array = new GrowingArray<long>(16);
        for (var used = 0; used < 1000; used++)
        {
            array.Reserve(used, used + 1, arena);
            array.Items[used] = used;
        }

        Assert.Equal(array.Items.Length * sizeof(long), arena.Held);
        Assert.Equal(Enumerable.Range(0, 1000).Select(one => (long)one), array.Items.Take(1000));
        array.Reserve(1000, 200_000, arena);
        Assert.True(arena.IsFull);
        array.Clear(1000);
        Assert.Equal(16, array.Items.Length);
    }

    [Fact]
    public void Many_arguments_are_counted_with_all_the_tables_that_they_fill()
    {
        var rules = SecRules.Compile("""
            SecArgumentsLimit 100000
            SecRule ARGS|ARGS_NAMES "@rx attack$" "id:1,phase:2,deny,t:none,t:lowercase"
            """);
        var settings = rules.Prepare(new InspectionOptions(), out _)!;
        using var transaction = rules.Begin(settings);
        Exchange.Form(string.Join('&', Enumerable.Range(0, 10_000).Select(at => $"N{at}=A{at}"))).Run(transaction);
        // 10,000 arguments, 40,000 values of 64 bytes and more with what they were made into, 20,000 rows of results.
        Assert.InRange(transaction.MemoryHeld, 3_000_000, 16_000_000);
    }

    [Fact]
    public void Many_arguments_take_their_tables_from_the_pool()
    {
        var rules = SecRules.Compile("""
            SecArgumentsLimit 100000
            SecRule ARGS|ARGS_NAMES "@rx attack$" "id:1,phase:2,deny,t:none,t:lowercase"
            """);
        var settings = rules.Prepare(new InspectionOptions(), out _)!;
        var body = string.Join('&', Enumerable.Range(0, 10_000).Select(at => $"N{at}=A{at}"));
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var transaction = rules.Begin(settings)) Exchange.Form(body).Run(transaction);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // The body as bytes, twice; before, tables alone were 15 MB.
        Assert.True(least < 1_000_000, $"{least} bytes");
    }

    [Fact]
    public void Values_of_many_names_stay_in_bounds()
    {
        var rules = SecRules.Compile("""
            SecArgumentsLimit 100000
            SecRequestBodyNoFilesLimit 4000000
            SecRule ARGS|ARGS_NAMES "@rx attack$" "id:1,phase:2,deny,t:none,t:urlDecodeUni,t:lowercase,t:removeWhitespace"
            """);
        var body = new StringBuilder();
        for (var at = 0; at < 50_000; at++) body.Append($"N{at}=A+{at}&");
        body.Append("z=ATT%2541CK");
        var outcome = Exchange.Form(body.ToString()).Run(rules);
        Assert.Equal(EngineFault.None, outcome.Fault);
        Assert.NotNull(outcome.Interruption);
    }
}
