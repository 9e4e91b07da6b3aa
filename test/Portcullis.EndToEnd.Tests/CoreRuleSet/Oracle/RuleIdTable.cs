using System.Globalization;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;

/// <summary>
/// What a firewall answered and logged for every request of a suite. As a file: one line per request, with its name, the status and the ids in the order in which
/// each was first logged, separated by tabs; lines that start with <c>#</c> are comments.
/// </summary>
internal sealed class RuleIdTable
{
    private static readonly Lazy<RuleIdTable> OfCrs3 = new(() => Read(Path.Combine(Repository.Root, "test", "Portcullis.EndToEnd.Tests", "CoreRuleSet", "Oracle", "crs-3.3.4.tsv")));

    private readonly SortedDictionary<string, RequestOutcome> requests = new(StringComparer.Ordinal);

    /// <summary>What Apache with ModSecurity 2 logs for the tests of CRS 3.3.4; made by the step <c>Conformance</c> (README.md one level up).</summary>
    public static RuleIdTable Crs3 => OfCrs3.Value;

    /// <summary>By the name of the request: its case's id and, from the second on, its number in the case.</summary>
    public IReadOnlyDictionary<string, RequestOutcome> Requests => requests;

    public static RuleIdTable Of(IEnumerable<CaseOutcome> outcomes)
    {
        var table = new RuleIdTable();
        foreach (var outcome in outcomes)
        {
            for (var i = 0; i < outcome.Requests.Count; i++) table.requests.Add(i == 0 ? outcome.CaseId : $"{outcome.CaseId}/{i + 1}", outcome.Requests[i] with { Ids = [.. outcome.Requests[i].Ids.Distinct()] });
        }

        return table;
    }

    public static RuleIdTable Read(string file)
    {
        var table = new RuleIdTable();
        foreach (var line in File.ReadLines(file).Where(line => !line.StartsWith('#')))
        {
            var fields = line.Split('\t');
            var ids = fields[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture));
            table.requests.Add(fields[0], new(int.Parse(fields[1], CultureInfo.InvariantCulture), [.. ids]));
        }

        return table;
    }

    public void Write(string file, string comment)
        => File.WriteAllLines(file, [$"# {comment}", .. requests.Select(pair => $"{pair.Key}\t{pair.Value.Status}\t{string.Join(',', pair.Value.Ids)}")]);
}
