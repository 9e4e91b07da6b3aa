using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of the token service, the issuers and telemetry mean.</summary>
internal static class IdentityMeaning
{
    public static IEnumerable<SecurityRule> Rules =>
    [
        new("identity", change => change.IsAdded
            ? Unclear("the token service is configured")
            : change.IsRemoved ? Neutral("the token service is removed: no token is taken any more") : null),
        new("identity.issuer", change => Neutral($"the issuer is {change.NewText} instead of {change.OldText}: tokens issued before are no longer taken")),
        new("identity.audience", change => Unclear($"tokens must carry the audience {change.NewText ?? "of the issuer"} instead of {change.OldText ?? "the issuer"}")),
        Limit("identity.accessToken.lifetime", "lifetime of access tokens"),
        Limit("identity.refreshToken.lifetime", "lifetime of grants that are refreshed"),
        GrantsOrAll("identity.hosts", "host", "any"),
        new("identity.externalIssuers.*", change => change.IsAdded
            ? Weakens($"tokens of {change.Item} are taken too")
            : change.IsRemoved ? Strengthens($"tokens of {change.Item} are no longer taken") : null),
        new("identity.externalIssuers.*.audience", change => Unclear($"tokens of {change.Segments[2]} must carry the audience {change.NewText} instead of {change.OldText}")),
        new("identity.externalIssuers.*.jwks", change => Unclear($"keys of {change.Segments[2]} come from {change.NewText ?? "its discovery document"} instead of {change.OldText ?? "its discovery document"}")),
        new("identity.externalIssuers.*.sharedSecret", change => change.IsAdded
            ? Weakens($"tokens of {change.Segments[2]} are signed by a shared secret, which this side can use too")
            : change.IsRemoved ? Strengthens($"tokens of {change.Segments[2]} are signed by keys that only it has") : Unclear($"the secret shared with {change.Segments[2]} is another")),
        new("identity.externalIssuers.*.tenant", change => Unclear($"callers of {change.Segments[2]} belong to {change.NewText ?? "no tenant"} instead of {change.OldText ?? "no tenant"}")),
        new("identity.externalIssuers.*.tenantClaim", change => change.IsAdded
            ? Weakens($"{change.Segments[2]} can name any tenant for its callers, in claim {change.NewText}")
            : change.IsRemoved ? Strengthens($"{change.Segments[2]} no longer names its callers' tenants") : Unclear($"{change.Segments[2]} names its callers' tenants in claim {change.NewText} instead of {change.OldText}")),
        new("identity.certificates.*", change => change.IsAdded
            ? Weakens($"caller {change.Item} is known by a certificate")
            : change.IsRemoved ? Strengthens($"a certificate of caller {change.Item} is no longer taken") : null),
        CertificateName("subject"),
        CertificateName("san"),
        CertificateName("fingerprint"),
        Grants("identity.certificates.*.permissions", "permission of a caller with a certificate"),
        new("identity.certificates.*.tenant", change => Unclear($"caller {change.Segments[2]} belongs to {change.NewText ?? "no tenant"} instead of {change.OldText ?? "no tenant"}")),
        GrantsOrAll("identity.externalIssuers.*.permissions", "permission that an outside issuer can give", "any"),
        Scale("identity.externalIssuers.*.acceptUntyped", "accepting outside tokens without typ", "true", "false"),
        Networks("identity.externalIssuers.*.network.allow", "network that keys may come from"),
        Denies("identity.externalIssuers.*.network.deny", "network that keys may not come from"),

        new("telemetry.decisionLog", change => change.IsRemoved ? Weakens("decisions are no longer logged") : change.IsAdded ? Strengthens($"decisions are logged to {change.NewText}") : null),
        Scale("telemetry.maskAddresses", "masking of client addresses", "false", "true"),
    ];

    private static SecurityRule CertificateName(string key) => new(
        "identity.certificates.*." + key,
        change => Unclear($"caller {change.Segments[2]} is known by {key} {change.NewText ?? "no more"} instead of {change.OldText ?? "none"}"));
}
