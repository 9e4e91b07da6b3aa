using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class LazyDfaTests
{
    /// <summary>A pattern whose automaton has as many states as there are subsets of 40 positions.</summary>
    private static readonly byte[] Exponential = "a[ab]{40}c"u8.ToArray();

    [Fact]
    public void States_are_dropped_where_the_budget_is_used_up_and_verdicts_stay()
    {
        var budget = new RegexBudget(0);
        var (regex, _) = ByteRegex.Compile(Exponential, budget);
        var random = new Random(1);
        for (var round = 0; round < 20; round++)
        {
            var value = new byte[4096];
            foreach (ref var one in value.AsSpan()) one = random.Next(2) == 0 ? (byte)'a' : (byte)'b';
            Assert.False(regex!.IsMatch(value));
            value[2000] = (byte)'a';
            value[2041] = (byte)'c';
            Assert.True(regex.IsMatch(value));
            Assert.InRange(regex.Verdict.Bytes, 0, 2 * DfaCache.OwnBytes);
        }

        Assert.True(regex!.Verdict.Drops > 10);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void No_pattern_holds_more_than_its_cap_and_what_it_holds_is_taken_from_the_budget()
    {
        var budget = new RegexBudget(long.MaxValue);
        var (regex, _) = ByteRegex.Compile(Exponential, budget);
        var random = new Random(1);
        var value = new byte[16_384];
        for (var round = 0; round < 20; round++)
        {
            foreach (ref var one in value.AsSpan()) one = random.Next(2) == 0 ? (byte)'a' : (byte)'b';
            Assert.False(regex!.IsMatch(value));
            Assert.InRange(regex.Verdict.Bytes, 0, 2 * DfaCache.MaxBytes);
            Assert.InRange(budget.Used, 0, DfaCache.MaxBytes);
        }

        Assert.True(regex!.Verdict.Drops > 0);
    }

    [Fact]
    public void A_search_that_gains_nothing_by_states_stops_building_them()
    {
        var (regex, _) = ByteRegex.Compile(Exponential, new RegexBudget(0));
        var random = new Random(1);
        var value = new byte[100_000];
        foreach (ref var one in value.AsSpan()) one = random.Next(2) == 0 ? (byte)'a' : (byte)'b';
        Assert.False(regex!.IsMatch(value));
        Assert.InRange(regex.Verdict.Drops, 1, 50);
        value[99_000] = (byte)'a';
        value[99_041] = (byte)'c';
        Assert.True(regex.IsMatch(value));
    }

    [Fact]
    public void Counted_repeats_that_may_end_at_any_count_take_few_states()
    {
        var (regex, _) = ByteRegex.Compile("<a.{1,255}b>"u8);
        var random = new Random(2);
        var value = new byte[65_536];
        foreach (ref var one in value.AsSpan()) one = "<ab"u8[random.Next(3)];
        Assert.False(regex!.IsMatch(value));
        Assert.InRange(regex.Verdict.StateCount, 1, 3_000);
    }

    [Fact]
    public void What_a_match_needn_t_begin_or_end_with_takes_no_states()
    {
        var (plain, _) = ByteRegex.Compile("x"u8);
        var (padded, _) = ByteRegex.Compile("(?:a{0,100}.*(?:x)(?:b{1,50}|c*))"u8);
        var value = Encoding.ASCII.GetBytes(new string('a', 1000) + "bbbcx");
        Assert.True(plain!.IsMatch(value));
        Assert.True(padded!.IsMatch(value));
        Assert.Equal(plain.Verdict.StateCount, padded.Verdict.StateCount);
    }

    [Fact]
    public void Threads_that_build_one_automaton_at_once_agree()
    {
        var pattern = "(?i)(?:a[ab]{9}c|\\b(?:select|union)\\b.{1,20}from|[^<]<s)"u8.ToArray();
        var random = new Random(3);
        var values = Enumerable.Range(0, 400).Select(_ =>
        {
            var value = new byte[random.Next(5, 60)];
            foreach (ref var one in value.AsSpan()) one = "aabbabc <sUNION from select"u8[random.Next(27)];
            return value;
        }).ToArray();
        var (reference, _) = ByteRegex.Compile(pattern);
        var expected = Array.ConvertAll(values, value => reference!.IsMatch(value));
        Assert.Contains(true, expected);
        Assert.Contains(false, expected);
        for (var round = 0; round < 20; round++)
        {
            // A small budget, so that states are dropped while others walk on them.
            var (regex, _) = ByteRegex.Compile(pattern, new RegexBudget(round % 2 == 0 ? 0 : long.MaxValue));
            var wrong = 0;
            var threads = Enumerable.Range(0, 8).Select(number => new Thread(() =>
            {
                Span<Capture> groups = stackalloc Capture[1];
                for (var i = 0; i < values.Length; i++)
                {
                    var at = (i * 7 + number * 50) % values.Length;
                    if (regex!.IsMatch(values[at]) != expected[at] || regex.Match(values[at], groups) != expected[at]) Interlocked.Increment(ref wrong);
                }
            })).ToArray();
            Array.ForEach(threads, static thread => thread.Start());
            Array.ForEach(threads, static thread => thread.Join());
            Assert.Equal(0, wrong);
        }
    }
}
