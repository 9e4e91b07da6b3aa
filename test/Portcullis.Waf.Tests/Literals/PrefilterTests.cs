using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Tests.Regexes;

namespace Portcullis.Waf.Tests.Literals;

public sealed class PrefilterTests
{
    [Fact]
    public void Each_condition_alone_rules_a_value_out()
    {
        var some = MatchRequirement.None;
        var filter = Prefilter.Build(
        [
            some, some with { MinLength = 3 }, some with { MaxLength = 3 }, some with { MinLength = 1, Sets = [ByteSet.Of("<"u8)] },
            some with { Allowed = ByteSet.Of("ab"u8) }, some with { Literals = ["ab"u8.ToArray()] }, MatchRequirement.OneOf(["AB"u8.ToArray(), "x<"u8.ToArray()]),
        ]);
        Assert.Equal([0, 1, 4, 5, 6], Candidates(filter, "abab"));
        Assert.Equal([0, 2, 3], Candidates(filter, "<a"));
        Assert.Equal([0, 1, 2, 3, 6], Candidates(filter, "X<!"));
        Assert.Equal([0, 2, 4], Candidates(filter, ""));
    }

    [Fact]
    public void A_list_with_an_empty_word_or_none_is_always_a_candidate()
    {
        Assert.Equal(MatchRequirement.None, MatchRequirement.OneOf([]));
        Assert.Equal(MatchRequirement.None, MatchRequirement.OneOf([[], "a"u8.ToArray()]));
        Assert.Equal([0], Candidates(Prefilter.Build([MatchRequirement.OneOf(["a"u8.ToArray(), "bc"u8.ToArray()])]), "xBC"));
    }

    [Fact]
    public void No_pattern_of_the_rule_sets_is_left_out_where_it_matches()
    {
        var regexes = CrsPatterns.All().Select(static pattern => ByteRegex.Compile(pattern.Text).Regex).OfType<ByteRegex>().ToArray();
        var filter = Prefilter.Build([.. regexes.Select(RequirementAnalysis.Analyse)]);
        var strings = CrsStrings.All();
        var random = new Random(7);
        var bits = new ulong[filter.WordCount];
        var matches = 0;
        for (var i = 0; i < strings.Count; i += 3)
        {
            var value = random.Next(2) == 0 ? strings[i] : Mutation.Of(strings[i], strings[random.Next(strings.Count)], random);
            filter.Candidates(value, ByteSet.Of(value), bits);
            for (var owner = 0; owner < regexes.Length; owner++)
            {
                if (!regexes[owner].IsMatch(value)) continue;
                matches++;
                Assert.True((bits[owner >> 6] >> owner & 1) != 0, $"pattern {owner} on {Convert.ToHexString(value)}");
            }
        }

        Assert.True(matches > 1000, $"{matches} matches");
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var filter = Prefilter.Build([.. CrsPatterns.Debian().Select(static pattern => ByteRegex.Compile(pattern.Text).Regex).OfType<ByteRegex>().Select(RequirementAnalysis.Analyse)]);
        var bits = new ulong[filter.WordCount];
        var value = "a value with <script> in it"u8.ToArray();
        Assert.Equal(0, AllocatedBytes.PerOperation(() => filter.Candidates(value, ByteSet.Of(value), bits)));
    }

    private static List<int> Candidates(Prefilter filter, string value)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(value);
        var bits = new ulong[filter.WordCount];
        filter.Candidates(bytes, ByteSet.Of(bytes), bits);
        return [.. Enumerable.Range(0, 64 * bits.Length).Where(owner => (bits[owner >> 6] >> owner & 1) != 0)];
    }
}
