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
            some with { Allowed = ByteSet.Of("ab"u8) }, some with { Literals = ["ab"u8.ToArray()] },
            MatchRequirement.OneOf(["AB"u8.ToArray(), "x<"u8.ToArray()]),
        ]);
        Assert.Equal([0, 1, 4, 5, 6], Candidates(filter, "abab"));
        Assert.Equal([0, 2, 3], Candidates(filter, "<a"));
        Assert.Equal([0, 1, 2, 3, 6], Candidates(filter, "X<!"));
        Assert.Equal([0, 2, 4], Candidates(filter, ""));
    }

    [Fact]
    public void A_list_of_words_is_a_candidate_just_where_it_matches()
    {
        byte[][][] lists = [[], [[], "a"u8.ToArray()], ["z"u8.ToArray(), "bc"u8.ToArray()]];
        var filter = Prefilter.Build([.. lists.Select(MatchRequirement.OneOf)]);
        Assert.Equal([2], Candidates(filter, "xBC"));
        Assert.Equal([1], Candidates(filter, "bA"));
        Assert.Equal([], Candidates(filter, ""));
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
    public void No_random_pattern_is_left_out_where_it_matches()
    {
        var random = new RandomPatterns(8, ofRareLetters: true);
        var (matches, searched, dropped) = (0, 0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var pattern = random.NextPattern();
            var regex = ByteRegex.Compile(pattern).Regex;
            if (regex is null) continue;
            var requirement = RequirementAnalysis.Analyse(regex);
            var filter = Prefilter.Build([requirement]);
            if (requirement.Literals.Length > 0) searched++;
            for (var j = 0; j < 15; j++)
            {
                var value = random.NextValue();
                var candidate = Candidates(filter, System.Text.Encoding.Latin1.GetString(value)).Count > 0;
                if (!candidate) dropped++;
                if (!regex.IsMatch(value)) continue;
                matches++;
                Assert.True(candidate, $"/{System.Text.Encoding.Latin1.GetString(pattern)}/ on '{System.Text.Encoding.Latin1.GetString(value)}'");
            }
        }

        Assert.True(matches > 20_000 && searched > 2_000 && dropped > 20_000, $"{matches} matches, {searched} patterns with strings, {dropped} left out");
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var regexes = CrsPatterns.Debian().Select(static pattern => ByteRegex.Compile(pattern.Text).Regex).OfType<ByteRegex>();
        var filter = Prefilter.Build([.. regexes.Select(RequirementAnalysis.Analyse)]);
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
