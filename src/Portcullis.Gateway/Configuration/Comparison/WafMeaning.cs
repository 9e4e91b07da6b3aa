using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of the firewall's rules, and of where they run, mean.</summary>
internal static class WafMeaning
{
    private const string Policy = "routes.*.policies.waf";

    public static IEnumerable<SecurityRule> Rules =>
    [
        new(Policy, change => change.IsAdded
            ? By(Mode(change.New) == "off", $"{Subject(change)} has the firewall's rules, mode {Mode(change.New)}")
            : change.IsRemoved ? By(Mode(change.Old) is "block" or "detect", $"{Subject(change)} no longer has the firewall's rules") : null),
        Scale(Policy + ".mode", "mode of the firewall", "off", "detect", "block"),
        Floor(Policy + ".paranoia", "paranoia level"),
        new(Policy + ".paranoia", change => Unclear($"{Subject(change)}: paranoia level {change.NewText ?? "of the rules"} instead of {change.OldText ?? "that of the rules"}")),
        Limit(Policy + ".anomalyThreshold.inbound", "anomaly score at which requests are refused"),
        Limit(Policy + ".anomalyThreshold.outbound", "anomaly score at which responses are refused"),
        new(Policy + ".exclude.*", change => change.IsAdded
            ? Weakens($"{Subject(change)}: rules {Which(change.New)} are excluded")
            : change.IsRemoved ? Strengthens($"{Subject(change)}: rules {Which(change.Old)} are no longer excluded") : null),
        new(Policy + ".exclude.*.reason", _ => Neutral("the reason of an exclusion changes")),
        Limit(Policy + ".exclude.*.until", "end of an exclusion"),
        Scale(Policy + ".beyondBodyLimit", "what is done with longer bodies", "inspectPart", "refuse"),
        Scale(Policy + ".inspectResponses", "inspection of responses", "false", "true"),
        Floor(Policy + ".responseLimit", "inspected size of a response"),

        // With refusal beyond the limit a larger one lets more through, and without it a smaller one: only a person knows what matters.
        new(Policy + ".bodyLimit", change => Unclear($"{Subject(change)}: inspected size of a request body goes from {change.OldText} to {change.NewText}")),

        new("waf.rules.*", change => change.IsAdded ? Unclear($"the firewall: rules {change.Item} added") : change.IsRemoved ? Weakens($"the firewall: rules {change.Item} removed") : null),
        Scale("waf.onFault", "what is done where rules can't be applied", "pass", "block"),
        Scale("waf.inspectResponses", "inspection of responses", "false", "true"),
        new("waf.bodyMemory", change => Neutral($"the firewall: memory for bodies goes from {change.OldText} to {change.NewText}")),
        new("waf.record", change => change.IsAdded ? Weakens("the firewall: requests are recorded") : change.IsRemoved ? Strengthens("the firewall: requests are no longer recorded") : null),
        Scale("telemetry.showMatchedValues", "showing of values that rules matched", "true", "false"),
        Scale("telemetry.exposeWafRules", "telling everybody which rules matched", "true", "false"),
    ];

    private static string? Mode(OptionNode? policy) => ((policy as OptionMap)?["mode"] as OptionValue)?.Plain;

    private static string Which(OptionNode? exclusion)
    {
        if (exclusion is not OptionMap map) return "?";
        var rules = ((map["rule"] ?? map["tag"]) as OptionValue)?.Text;
        return map["target"] is OptionValue target ? $"{rules} for {target.Text}" : rules ?? "?";
    }
}
