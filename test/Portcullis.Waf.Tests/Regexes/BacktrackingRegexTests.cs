using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class BacktrackingRegexTests
{
    [Theory]
    [InlineData("<\\?(?!xml)", "<?php", "<?")]
    [InlineData("<\\?(?!xml)", "<?xml", null)]
    [InlineData("(?<!&amp);", "a;", ";")]
    [InlineData("(?<!&amp);", "&amp;", null)]
    [InlineData("(\\w+)=\\1", "a=b 1=1", "1=1")]
    [InlineData("(?i)(a)\\1", "aA", "aA")]
    [InlineData("(?>a+)b", "aab", "aab")]
    [InlineData("(?:ab)*+a", "ababa", "ababa")]
    [InlineData("(?<=\\xe9)[\\x80-\\xff[\\w-]", "\u00e9\u00ff", "\u00ff")]
    [InlineData("(?=\\*)\\*+\\B", "**d", "*")]
    [InlineData("(?=\\w)\u00e9", "\u00e9", null)]
    public void Constructs_that_need_backtracking_run_on_bytes(string pattern, string value, string? match)
    {
        var (regex, error) = BacktrackingRegex.Compile(Encoding.Latin1.GetBytes(pattern), TimeSpan.FromSeconds(5));
        Assert.True(regex is not null, error?.ToString());
        var bytes = Encoding.Latin1.GetBytes(value);
        var groups = new Capture[1];
        var expected = match is null ? MatchOutcome.NoMatch : MatchOutcome.Match;
        Assert.Equal(expected, regex.IsMatch(bytes));
        Assert.Equal(expected, regex.Match(bytes, groups));
        if (match is not null) Assert.Equal(match, value.Substring(groups[0].Offset, groups[0].Length));
    }

    [Fact]
    public void A_match_that_takes_too_long_is_neither_match_nor_none()
    {
        var (regex, _) = BacktrackingRegex.Compile("(?!x)(?:a|aa)+$"u8, TimeSpan.FromMilliseconds(50));
        var value = Encoding.ASCII.GetBytes(new string('a', 200) + "b");
        Assert.Equal(MatchOutcome.TimedOut, regex!.IsMatch(value));
        Assert.Equal(MatchOutcome.TimedOut, regex.Match(value, new Capture[1]));
    }

    [Fact]
    public void What_can_t_be_run_either_is_refused()
    {
        Assert.NotNull(BacktrackingRegex.Compile("(?R)"u8, TimeSpan.FromSeconds(1)).Error);
        Assert.NotNull(BacktrackingRegex.Compile("(a"u8, TimeSpan.FromSeconds(1)).Error);
    }

    [Fact]
    public void Verdicts_and_groups_of_the_rule_sets_patterns_are_those_of_PCRE2()
    {
        Pcre2.Require();
        var strings = CrsStrings.All();
        var tried = 0;
        Span<(int From, int To)> expected = stackalloc (int, int)[10];
        Span<Capture> groups = stackalloc Capture[10];
        foreach (var pattern in CrsPatterns.All())
        {
            if (ByteRegex.Compile(pattern.Text).Error is not { NeedsBacktracking: true }) continue;
            var (ours, error) = BacktrackingRegex.Compile(pattern.Text, TimeSpan.FromSeconds(5));
            Assert.True(ours is not null, $"{pattern.Id}: {error}");
            using var theirs = Pcre2.Compile(pattern.Text);
            for (var i = 0; i < strings.Count; i += 5)
            {
                if (!theirs!.TryMatch(strings[i], expected, out var matches)) continue;
                Assert.Equal(matches ? MatchOutcome.Match : MatchOutcome.NoMatch, ours.Match(strings[i], groups));
                for (var group = 0; matches && group < 10; group++)
                    Assert.Equal(expected[group].From, groups[group].Offset);
            }

            tried++;
        }

        Assert.True(tried > 0, "no pattern of the rules needs backtracking");
    }
}
