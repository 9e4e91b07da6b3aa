using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Tests.Support;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Tests.Variables;

public sealed class PersistentCollectionTests
{
    private const string Counting = """
        SecCollectionTimeout 600
        SecAction "id:1,phase:1,nolog,pass,initcol:ip=%{REMOTE_ADDR},setvar:ip.hits=+1,setvar:ip.low=-5"
        SecRule &IP:once "@eq 0" "id:2,phase:1,nolog,pass,setvar:ip.once=1,expirevar:ip.once=60"
        SecAction "id:3,phase:1,pass,msg:'%{ip.hits} %{ip.once} %{ip.low}'"
        """;

    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void A_record_lasts_from_request_to_request_and_ends_when_it_is_not_written()
    {
        var (rules, collections) = (SecRules.Compile(Counting), new PersistentCollections(clock));
        string Next(string client = "192.0.2.1") => new Exchange { Client = client }.Run(rules, collections: collections, clock: clock).Messages;
        Assert.Equal("1 1 0", Next());
        Assert.Equal("2 1 0", Next());
        Assert.Equal("1 1 0", Next("192.0.2.2"));
        clock.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal("3 1 0", Next());
        clock.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal("1 1 0", Next());
    }

    [Fact]
    public void An_expired_variable_is_gone()
    {
        var (rules, collections) = (SecRules.Compile("""
            SecAction "id:1,phase:1,nolog,pass,initcol:ip=%{REMOTE_ADDR}"
            SecRule IP:x "@eq 1" "id:2,phase:1,pass"
            SecAction "id:3,phase:5,nolog,pass,setvar:ip.x=1,expirevar:ip.x=60"
            """), new PersistentCollections(clock));
        string Next() => new Exchange().Run(rules, collections: collections, clock: clock).Ids;
        Assert.Equal("", Next());
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("2", Next());
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("", Next());
    }

    [Fact]
    public void Records_are_bounded()
    {
        var collections = new PersistentCollections(clock);
        var first = collections.Open("IP", "0", TimeSpan.FromHours(1));
        for (var at = 1; at <= PersistentCollections.Capacity; at++) collections.Open("IP", $"{at}", TimeSpan.FromHours(1));
        Assert.Equal(PersistentCollections.Capacity, collections.Count);
        Assert.NotSame(first, collections.Open("IP", "0", TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Variables_of_a_record_and_their_values_are_bounded()
    {
        var record = new CollectionRecord("IP", clock);
        for (var at = 0; at < 2 * CollectionRecord.Capacity; at++) record.Set(Encoding.ASCII.GetBytes($"n{at}"), "1"u8);
        Assert.Equal(CollectionRecord.Capacity, Members(record).Count);
        for (var at = 0; at < 10; at++) record.Set(Encoding.ASCII.GetBytes($"n{at}"), new byte[2 * CollectionRecord.MaximumValueLength]);
        record.Set(new byte[CollectionRecord.MaximumBytes], "1"u8);
        var members = Members(record);
        Assert.Equal(CollectionRecord.MaximumValueLength, members[0].Text.Length);
        var sum = 0;
        for (var at = 0; at < members.Count; at++) sum += members[at].Name.Length + members[at].Text.Length;
        Assert.InRange(sum, CollectionRecord.MaximumBytes / 2, CollectionRecord.MaximumBytes);

        // What is taken away makes room.
        for (var at = 0; at < 2 * CollectionRecord.Capacity; at++) record.Unset(Encoding.ASCII.GetBytes($"n{at}"));
        Assert.Equal(0, Members(record).Count);
        record.Set("again"u8, new byte[4000]);
        Assert.Equal(4000, Members(record)[0].Text.Length);
    }

    private static FoundList Members(CollectionRecord record)
    {
        var found = new FoundList(new Arena());
        record.Expand(new Waf.Rules.Target { Variable = Variable.Ip }, new Waf.Bytes.NameTable(), new Waf.Bytes.Arena(), found);
        return found;
    }

    [Fact]
    public void Nothing_is_lost_when_many_count_at_once()
    {
        var (rules, collections) = (SecRules.Compile("""SecAction "id:1,phase:1,nolog,pass,initcol:global=all,setvar:global.n=+1" """), new PersistentCollections(clock));
        Parallel.For(0, 2000, _ => new Exchange().Run(rules, collections: collections));
        Assert.Equal("2000", new Exchange().Run("""
            SecAction "id:1,phase:1,nolog,pass,initcol:global=all"
            SecAction "id:2,phase:1,pass,msg:'%{global.n}'"
            """, collections: collections).Messages);
    }

    [Fact]
    public void Without_collections_nothing_is_remembered() => Assert.Equal("  ", new Exchange().Run(Counting).Messages);
}
