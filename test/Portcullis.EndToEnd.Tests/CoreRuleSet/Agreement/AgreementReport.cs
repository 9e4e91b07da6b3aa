using System.Globalization;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Writes differences grouped by rule, the most frequent first, with requests to try again.</summary>
internal static class AgreementReport
{
    /// <summary>How many requests are kept for each rule.</summary>
    private const int Examples = 5;

    public static string Summary(AgreementResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Engine} against {result.Reference}, seed {result.Seed}: {result.Compared - result.Disagreements.Count} of {result.Compared} requests have the same rules ({result.Share:P2}); {result.Refused} refused by a server; {result.Hits} hits");

    /// <summary>Writes <c>report.md</c> and one file for each request that it names.</summary>
    public static void Write(AgreementResult result, string folder)
    {
        Directory.CreateDirectory(folder);
        var report = new StringBuilder().Append("# ").AppendLine(Summary(result)).AppendLine();
        report.AppendLine("| rule | engine alone | reference alone | requests |").AppendLine("|---|---|---|---|");
        foreach (var (id, extra, missing) in ByRule(result))
        {
            var examples = extra.Concat(missing).Take(Examples).ToArray();
            foreach (var example in examples) File.WriteAllBytes(Path.Combine(folder, Name(example)), example.Request);
            report.AppendLine(CultureInfo.InvariantCulture, $"| {id} | {extra.Count} | {missing.Count} | {string.Join(' ', examples.Select(Name))} |");
        }

        report.AppendLine().AppendLine("## Each request").AppendLine();
        foreach (var each in result.Disagreements) report.Append("- ").AppendLine(each.Difference.ToString());
        File.WriteAllText(Path.Combine(folder, "report.md"), report.ToString());
    }

    private static IEnumerable<(int Id, List<Disagreement> Extra, List<Disagreement> Missing)> ByRule(AgreementResult result)
        => result.Disagreements.SelectMany(each => each.Difference.Extra.Concat(each.Difference.Missing)).Distinct()
            .Select(id => (id, Extra: Having(result, each => each.Difference.Extra.Contains(id)), Missing: Having(result, each => each.Difference.Missing.Contains(id))))
            .OrderByDescending(group => group.Extra.Count + group.Missing.Count).ThenBy(group => group.id);

    private static List<Disagreement> Having(AgreementResult result, Func<Disagreement, bool> which) => [.. result.Disagreements.Where(which)];

    private static string Name(Disagreement each) => $"{each.Difference.Request}.req";
}
