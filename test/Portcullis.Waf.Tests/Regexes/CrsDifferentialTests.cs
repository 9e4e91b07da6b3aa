using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class CrsDifferentialTests
{
    [Fact]
    public void Every_pattern_of_the_rule_sets_compiles_or_needs_backtracking()
    {
        foreach (var pattern in CrsPatterns.All())
        {
            var (regex, error) = ByteRegex.Compile(pattern.Text);
            Assert.True(regex is not null || error!.NeedsBacktracking, $"{pattern.Id}: {error}");
        }
    }

    [Fact]
    public void Verdicts_and_groups_are_those_of_PCRE2()
    {
        Pcre2.Require();
        var strings = CrsStrings.All();
        var random = new Random(20_301);
        List<string> differences = [];
        var pairs = 0;
        foreach (var pattern in CrsPatterns.All())
        {
            using var theirs = Pcre2.Compile(pattern.Text);
            var (ours, error) = ByteRegex.Compile(pattern.Text);
            if (error is { NeedsBacktracking: true }) continue;
            Assert.True(theirs is not null && ours is not null, pattern.Id);
            for (var i = random.Next(Every); i < strings.Count; i += random.Next(1, 2 * Every))
            {
                var value = random.Next(2) == 0 ? strings[i] : Mutation.Of(strings[i], strings[random.Next(strings.Count)], random);
                pairs++;
                if (Agreement.Difference(ours, theirs, pattern.Text, value, withGroups: true) is { } difference) differences.Add($"{pattern.Id}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {pairs}:\n{string.Join('\n', differences.Take(10))}");
        Assert.True(pairs > 10_000, $"only {pairs} pairs");
    }

    /// <summary>One of so many pairs is tried; PORTCULLIS_TEST_EVERY=1 tries most.</summary>
    private static int Every => int.TryParse(Environment.GetEnvironmentVariable("PORTCULLIS_TEST_EVERY"), out var every) ? every : 8;
}
