using System.Globalization;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Writes differences grouped by rule, with requests to try again: first where the engine stands alone, then the most frequent.</summary>
internal static class AgreementReport
{
    /// <summary>How many requests are named and kept for each group.</summary>
    private const int Examples = 5;

    /// <summary>Writes <c>report.md</c> and one file for each request that it names.</summary>
    public static void Write(AgreementResult result, string folder)
    {
        Directory.CreateDirectory(folder);
        var report = new StringBuilder().Append("# ").AppendLine(result.ToString()).AppendLine();
        report.AppendLine("| rule | the engine | unlike | times | requests |").AppendLine("|---|---|---|---|---|");
        foreach (var group in Groups(result))
        {
            var examples = group.Take(Examples).ToArray();
            foreach (var example in examples) File.WriteAllBytes(Path.Combine(folder, Name(example)), example.Request);
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Rule} | {(group.Key.IsHit ? "logs it" : "does not")} | {group.Key.Opposed} | {group.Count()} | {string.Join(' ', examples.Select(Name))} |");
        }

        File.WriteAllText(Path.Combine(folder, "report.md"), report.ToString());
    }

    private static IEnumerable<IGrouping<(int Rule, bool IsHit, string Opposed, bool IsAlone), Disagreement>> Groups(AgreementResult result)
        => result.Disagreements
            .SelectMany(each => each.Verdicts.Select(verdict => (Key: (verdict.Rule, verdict.IsHit, string.Join(", ", verdict.Opposed), result.IsAlone(verdict)), each)))
            .GroupBy(pair => pair.Key, pair => pair.each)
            .OrderByDescending(group => group.Key.Item4).ThenByDescending(group => group.Count()).ThenBy(group => group.Key.Rule);

    private static string Name(Disagreement each) => string.Create(CultureInfo.InvariantCulture, $"{each.Number}.req");
}
