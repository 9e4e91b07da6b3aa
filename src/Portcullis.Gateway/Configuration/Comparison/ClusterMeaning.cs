using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of clusters, the token service and telemetry mean.</summary>
internal static class ClusterMeaning
{
    public static IEnumerable<SecurityRule> Rules =>
    [
        new("clusters.*.destinations.*", change => change switch
        {
            { IsAdded: true } when change.Segments[^1].StartsWith("http://", StringComparison.Ordinal) && IsEncrypted(change.OldParent)
                => Weakens($"{Subject(change)}: requests go to {change.Segments[^1]}, unencrypted; before, every destination used TLS"),
            { IsAdded: true } => Neutral($"{Subject(change)}: requests go to {change.Segments[^1]} too"),
            { IsRemoved: true } => Neutral($"{Subject(change)}: requests no longer go to {change.Segments[^1]}"),
            _ => null,
        }),
        new("clusters.*.tls.dangerouslyAcceptAnyCertificate", change => change.NewText == "true"
            ? Weakens($"{Subject(change)}: the destinations' certificates are no longer verified")
            : Strengthens($"{Subject(change)}: the destinations' certificates are verified again")),
        new("clusters.*.tls.ca", change => Neutral($"{Subject(change)} trusts other authorities: {change.NewText ?? "the system's"} instead of {change.OldText ?? "the system's"}")),
        Grants("clusters.*.network.allow", "network that names may resolve to"),
        Denies("clusters.*.network.deny", "forbidden network"),
        Limit("clusters.*.connections.maximum", "connections to a destination"),
        Limit("clusters.*.connections.queue", "waiting requests"),
        Limit("clusters.*.retries", "retries"),
        Limit("clusters.*.retryBudget", "share of retries"),

        new("identity", change => change.IsAdded ? Neutral("the token service is configured") : change.IsRemoved ? Neutral("the token service is removed: no token is taken any more") : null),
        new("identity.issuer", change => Neutral($"the issuer is {change.NewText} instead of {change.OldText}: tokens issued before are no longer taken")),
        new("identity.audience", change => Neutral($"tokens must carry the audience {change.NewText ?? "of the issuer"} instead of {change.OldText ?? "the issuer"}")),
        Limit("identity.accessToken.lifetime", "lifetime of access tokens"),
        Narrows("identity.hosts", "host"),
        new("identity.externalIssuers.*", change => change.IsAdded
            ? Weakens($"tokens of {change.Segments[^1]} are taken too")
            : change.IsRemoved ? Strengthens($"tokens of {change.Segments[^1]} are no longer taken") : null),
        new("identity.externalIssuers.*.audience", change => Neutral($"tokens of {change.Segments[2]} must carry the audience {change.NewText} instead of {change.OldText}")),
        new("identity.externalIssuers.*.jwks", change => Neutral($"keys of {change.Segments[2]} come from {change.NewText ?? "its discovery document"} instead of {change.OldText ?? "its discovery document"}")),
        Grants("identity.externalIssuers.*.network.allow", "network that keys may come from"),

        new("telemetry.decisionLog", change => change.IsRemoved ? Weakens("decisions are no longer logged") : change.IsAdded ? Strengthens($"decisions are logged to {change.NewText}") : null),
        Scale("telemetry.maskAddresses", "masking of client addresses", "false", "true"),
    ];

    private static bool IsEncrypted(OptionNode? destinations)
        => destinations is OptionList list && list.Items.All(item => item.Identity.StartsWith("https://", StringComparison.Ordinal));
}
