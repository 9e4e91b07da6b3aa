using System.Text;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class RandomDifferentialTests
{
    private const int ValuesPerPattern = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_patterns_give_the_verdicts_and_groups_of_PCRE2(int seed)
    {
        Pcre2.Require();
        Requirement.System(Pcre2.Version().StartsWith("10.42", StringComparison.Ordinal), $"PCRE2 is {Pcre2.Version()}, the parser follows 10.42");
        var random = new RandomPatterns(seed);
        List<string> differences = [];
        var (pairs, matches, compiled) = (0, 0, 0);
        for (var i = 0; i < Patterns; i++)
        {
            var pattern = random.NextPattern();
            using var theirs = Pcre2.Compile(pattern, withoutShortcuts: true);
            var (ours, error) = ByteRegex.Compile(pattern);
            if (error is { NeedsBacktracking: true }) continue;
            if (theirs is null != ours is null)
            {
                differences.Add($"/{Encoding.Latin1.GetString(pattern)}/ PCRE2 {(theirs is null ? "refuses" : "takes")}, ours {error}");
                continue;
            }

            if (ours is null || theirs is null) continue;
            compiled++;
            var filter = Prefilter.Build([RequirementAnalysis.Analyse(ours)]);
            for (var j = 0; j < ValuesPerPattern; j++)
            {
                var value = random.NextValue();
                pairs++;
                if (ours.IsMatch(value))
                {
                    matches++;
                    var candidates = 0UL;
                    filter.Candidates(value, Waf.Bytes.ByteSet.Of(value), new Span<ulong>(ref candidates));
                    if (candidates == 0) differences.Add($"the prefilter drops /{Encoding.Latin1.GetString(pattern)}/ on '{Encoding.Latin1.GetString(value)}'");
                }

                if (Agreement.Difference(ours, theirs, pattern, value, withGroups: true) is { } difference) differences.Add(difference);
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {pairs}:\n{string.Join('\n', differences.OrderBy(static text => text.Length).Take(12))}");
        Assert.True(matches > pairs / 10 && compiled > Patterns / 2, $"{compiled} patterns, {matches} matches of {pairs}");
    }

    private static int Patterns => int.TryParse(Environment.GetEnvironmentVariable("PORTCULLIS_TEST_PATTERNS"), out var patterns) ? patterns : 4_000;
}
