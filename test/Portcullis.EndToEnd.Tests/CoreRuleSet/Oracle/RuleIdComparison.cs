using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Oracle;

/// <summary>Compares the sets of rules that two firewalls logged for the same requests.</summary>
internal sealed class RuleIdComparison
{
    /// <summary>
    /// Rules that report what others found, and so differ wherever others do; the reports of 980xxx run in the last phase, which servers reach differently. Left
    /// out on both sides.
    /// </summary>
    public static readonly IReadOnlyList<(int First, int Last, string Reason)> Excluded =
    [
        (949_000, 949_999, "reports the inbound score"),
        (959_000, 959_999, "reports the outbound score"),
        (980_000, 980_999, "reports the scores of a finished request"),
    ];

    private RuleIdComparison(int count, IReadOnlyList<RuleIdDifference> differences) => (Count, Differences) = (count, differences);

    /// <summary>How many requests both know.</summary>
    public int Count { get; }

    public IReadOnlyList<RuleIdDifference> Differences { get; }

    /// <summary>Requests with the same set, as a part of all.</summary>
    public double Share => Count == 0 ? 0 : 1 - ((double)Differences.Count / Count);

    public static RuleIdComparison Of(RuleIdTable expected, RuleIdTable actual)
    {
        var both = expected.Requests.Where(pair => actual.Requests.ContainsKey(pair.Key)).ToArray();
        return new(both.Length, [.. both.Select(pair => Difference(pair.Key, pair.Value, actual.Requests[pair.Key])).OfType<RuleIdDifference>()]);
    }

    /// <summary>Null where the sets are equal.</summary>
    private static RuleIdDifference? Difference(string request, RequestOutcome expected, RequestOutcome actual)
    {
        var difference = new RuleIdDifference(
            request, expected.Status, actual.Status, [.. Compared(expected.Ids).Except(Compared(actual.Ids)).Order()], [.. Compared(actual.Ids).Except(Compared(expected.Ids)).Order()]);
        return difference.Missing.Count + difference.Extra.Count == 0 ? null : difference;
    }

    /// <summary>Those that count.</summary>
    public static IEnumerable<int> Compared(IEnumerable<int> ids) => ids.Where(id => !Excluded.Any(range => id >= range.First && id <= range.Last));
}
