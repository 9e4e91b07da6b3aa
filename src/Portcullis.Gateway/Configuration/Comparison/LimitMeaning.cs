using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of rate limits mean.</summary>
internal static class LimitMeaning
{
    private const string Limits = "routes.*.policies.rateLimit.limits.*";

    public static IEnumerable<SecurityRule> Rules =>
    [
        new("routes.*.policies.rateLimit", change => change.IsAdded
            ? Strengthens($"{Subject(change)} is rate limited")
            : change.IsRemoved ? Weakens($"{Subject(change)} is no longer rate limited") : null),
        new(Limits, change => change.IsAdded
            ? Strengthens($"{Subject(change)}: limit {change.Item} added: {RateOf(change.New)}")
            : change.IsRemoved ? Weakens($"{Subject(change)}: limit {change.Item} removed; it was {RateOf(change.Old)}") : null),
        new(Limits + ".limit", Rate),
        new(Limits + ".period", Rate),
        new(Limits + ".burst", Rate),
        Scale(Limits + ".mode", "mode of a limit", "shadow", "enforce"),
    ];

    // Count, period and burst are judged together: requests per second decide, and how many may come at once.
    private static Judgement? Rate(TreeChange change)
    {
        if (Read(change.OldParent) is not { } old || Read(change.NewParent) is not { } current) return null;
        var summary = $"{Subject(change)}: limit {change.Segments[^2]} goes from {RateOf(change.OldParent)} to {RateOf(change.NewParent)}";
        if (current.PerSecond > old.PerSecond || current.Burst > old.Burst) return Weakens(summary);
        return current == old ? Neutral(summary) : Strengthens(summary);
    }

    // A burst that is not written is the limit itself.
    private static (double PerSecond, double Burst)? Read(OptionNode? limit)
        => limit is OptionMap map && map["limit"] is OptionValue { Value: IConvertible count } && map["period"] is OptionValue { Value: TimeSpan { Ticks: > 0 } period }
            ? (count.ToDouble(null) / period.TotalSeconds, map["burst"] is OptionValue { Value: IConvertible burst } ? burst.ToDouble(null) : count.ToDouble(null))
            : null;

    private static string RateOf(OptionNode? limit)
        => limit is OptionMap map
            ? $"{(map["limit"] as OptionValue)?.Text} per {(map["period"] as OptionValue)?.Text}" + (map["burst"] is OptionValue burst ? $" with bursts of {burst.Text}" : string.Empty)
            : "?";
}
