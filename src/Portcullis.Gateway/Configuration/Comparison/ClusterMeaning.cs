using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of clusters mean.</summary>
internal static class ClusterMeaning
{
    public static IEnumerable<SecurityRule> Rules =>
    [
        new("clusters.*.destinations.*", change => change switch
        {
            { IsAdded: true } when !IsHttps((change.New as OptionMap)?["url"]) && (change.OldParent as OptionList)?.Items.All(item => IsHttps((item.Node as OptionMap)?["url"])) == true
                => Weakens($"{Subject(change)}: requests go to {change.Item}, unencrypted; before, every destination used TLS"),
            { IsAdded: true } => Unclear($"{Subject(change)}: requests go to {change.Item} too"),
            { IsRemoved: true } => Neutral($"{Subject(change)}: requests no longer go to {change.Item}"),
            _ => null,
        }),
        new("clusters.*.tls.dangerouslyAcceptAnyCertificate", change => change.NewPlain == "true"
            ? Weakens($"{Subject(change)}: the destinations' certificates are no longer verified")
            : Strengthens($"{Subject(change)}: the destinations' certificates are verified again")),
        new("clusters.*.tls.ca", change => Unclear($"{Subject(change)} trusts other authorities: {change.NewText ?? "the system's"} instead of {change.OldText ?? "the system's"}")),
        Networks("clusters.*.network.allow", "network that names may resolve to"),
        Denies("clusters.*.network.deny", "forbidden network"),
        Limit("clusters.*.connections.maximum", "connections to a destination"),
        Limit("clusters.*.connections.queue", "waiting requests"),
        Limit("clusters.*.bodyTimeout", "time that a client is waited for within its body"),
        Limit("clusters.*.retries", "retries"),
        Limit("clusters.*.retryBudget", "share of retries"),
    ];

    private static bool IsHttps(OptionNode? url) => (url as OptionValue)?.Plain.StartsWith("https://", StringComparison.Ordinal) == true;
}
