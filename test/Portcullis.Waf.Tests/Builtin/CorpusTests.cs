using System.Globalization;
using System.Text;
using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Tests.Builtin;

/// <summary>Detection and quiet of the built-in rules, measured with the project's own corpora; the rates stand in docs/waf-builtin.md.</summary>
public sealed class CorpusTests(ITestOutputHelper output)
{
    private const int Levels = 4;
    private static readonly Lazy<RuleSet> Rules = new(() => RuleSet.Load([RuleSet.Builtin], Repository.Root).RuleSet!);
    private static readonly Lazy<List<CorpusLine>> Attacks = new(() => CorpusReader.Read("attacks"));
    private static readonly Lazy<List<CorpusLine>> Benign = new(() => CorpusReader.Read("benign"));

    /// <summary>Harmless requests that look like attacks: code, commands, statements and markup that people and programs send.</summary>
    private static readonly Lazy<List<CorpusLine>> Harder = new(() => CorpusReader.Read("benign-2"));

    /// <summary>Per mille of each category that level 1 refuses, held-out lines included. What is measured is a little more.</summary>
    public static TheoryData<string, int> Floors => new()
    {
        { "code", 970 },
        { "commands", 960 },
        { "files", 970 },
        { "ldap-xpath", 985 },
        { "lookups", 980 },
        { "nosql", 965 },
        { "other", 965 },
        { "objects", 970 },
        { "pollution-graphql", 950 },
        { "protocol", 960 },
        { "redirect-session", 985 },
        { "responses", 985 },
        { "scanners", 960 },
        { "sql", 975 },
        { "ssrf", 985 },
        { "templates", 975 },
        { "uploads-webshells", 985 },
        { "xss", 985 },
        { "xxe", 985 },
    };

    [Theory]
    [MemberData(nameof(Floors))]
    public void Attacks_of_the_category_are_refused_at_level_1(string category, int perMille)
    {
        var lines = Attacks.Value.FindAll(line => line.Category == category);
        var missed = lines.FindAll(line => !Send(Settings(1), line).IsRefused);
        foreach (var line in missed.Where(line => !line.IsHeldOut)) output.WriteLine($"missed: {line.Place} {line.Target} {Encoding.UTF8.GetString(line.Payload)}");
        Assert.True((lines.Count - missed.Count) * 1000 >= perMille * lines.Count, $"{category}: {lines.Count - missed.Count} of {lines.Count} refused");
    }

    [Fact]
    public void Every_category_has_a_floor()
        => Assert.Equal(Attacks.Value.Select(line => line.Category).Distinct().Order(StringComparer.Ordinal), Floors.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void The_corpora_are_as_large_as_said()
    {
        Assert.InRange(CorpusReader.Count(Attacks.Value), 3000, int.MaxValue);
        Assert.InRange(CorpusReader.Count(Benign.Value), 3000, int.MaxValue);
        Assert.InRange(CorpusReader.Count(Harder.Value), 1900, int.MaxValue);
    }

    [Fact]
    public void Ninety_eight_percent_of_attacks_are_refused_at_level_1()
        => Assert.InRange(Rate(Attacks.Value, 1), 0.98, 1);

    [Fact]
    public void Held_out_attacks_are_refused_nearly_as_often()
        => Assert.InRange(Rate(Attacks.Value.FindAll(line => line.IsHeldOut), 1), 0.96, 1);

    [Fact]
    public void At_most_one_benign_request_of_a_thousand_is_refused_at_level_1()
    {
        var refused = Benign.Value.FindAll(line => Send(Settings(1), line).IsRefused);
        foreach (var line in refused.Where(line => !line.IsHeldOut)) output.WriteLine($"refused: {line.Place} {line.Target} {Encoding.UTF8.GetString(line.Payload)}");
        Assert.InRange(refused.Count, 0, Benign.Value.Count / 1000);
    }

    [Fact]
    public void At_most_one_in_twenty_harmless_requests_that_look_like_attacks_is_refused_at_level_1()
    {
        var refused = Harder.Value.FindAll(line => Send(Settings(1), line).IsRefused);
        foreach (var line in refused.Where(line => !line.IsHeldOut)) output.WriteLine($"refused: {line.Place} {line.Target} {Encoding.UTF8.GetString(line.Payload)}");
        Assert.InRange(refused.Count, 0, Harder.Value.Count / 20);
    }

    [Fact]
    public void Higher_levels_refuse_no_less()
    {
        for (var level = 2; level <= Levels; level++)
        {
            foreach (var line in Attacks.Value)
            {
                if (Send(Settings(level - 1), line).IsRefused) Assert.True(Send(Settings(level), line).IsRefused, $"{line.Place} at level {level}");
            }
        }
    }

    /// <summary>Prints the table of docs/waf-builtin.md; run with <c>-showLiveOutput</c>.</summary>
    [Fact]
    public void The_rates_are_reported()
    {
        var table = new StringBuilder("\n| | requests | PL 1 | PL 2 | PL 3 | PL 4 |\n|---|---|---|---|---|---|\n");
        foreach (var category in Attacks.Value.GroupBy(line => line.Category)) Row(table, category.Key, [.. category]);
        Row(table, "**all attacks**", Attacks.Value);
        Row(table, "of these held out", Attacks.Value.FindAll(line => line.IsHeldOut));
        Row(table, "**benign**", Benign.Value);
        Row(table, "of these held out", Benign.Value.FindAll(line => line.IsHeldOut));
        foreach (var category in Harder.Value.GroupBy(line => line.Category)) Row(table, $"harmless, harder: {category.Key}", [.. category]);
        Row(table, "**harmless, harder**", Harder.Value);
        Row(table, "of these held out", Harder.Value.FindAll(line => line.IsHeldOut));
        output.WriteLine(table.ToString());
        Assert.Contains("benign", table.ToString(), StringComparison.Ordinal);
    }

    private static void Row(StringBuilder table, string name, List<CorpusLine> lines)
    {
        table.Append(CultureInfo.InvariantCulture, $"| {name} | {lines.Count} |");
        for (var level = 1; level <= Levels; level++) table.Append(CultureInfo.InvariantCulture, $" {Rate(lines, level) * 100:F2} % |");
        table.Append('\n');
    }

    private static double Rate(List<CorpusLine> lines, int level)
    {
        var settings = Settings(level);
        return (double)lines.Count(line => Send(settings, line).IsRefused) / lines.Count;
    }

    private static CorpusVerdict Send(TransactionSettings settings, CorpusLine line) => CorpusRequest.Send(Rules.Value, settings, line);

    private static TransactionSettings Settings(int level) => Rules.Value.Prepare(new InspectionOptions { ParanoiaLevel = level, InspectsResponseBody = true }, out _)!;
}
