using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of routes and their policies mean.</summary>
internal static class RouteMeaning
{
    private const string AnyCaller = "authenticated";

    public static IEnumerable<SecurityRule> Rules =>
    [
        new("routes.*", change => change switch
        {
            { New: OptionMap added, IsAdded: true } => IsOpen(added)
                ? Weakens($"{Subject(change)} added, open to everybody")
                : Neutral($"{Subject(change)} added; it needs {string.Join(" or ", Methods(added))}"),
            { IsRemoved: true } => Neutral($"{Subject(change)} removed: what it matched goes to the next route that matches, or gets 404"),
            _ => null,
        }),
        Narrows("routes.*.match.listeners", "listener"),
        Narrows("routes.*.match.hosts", "host"),
        Narrows("routes.*.match.methods", "method"),
        Denies("routes.*.match.headers", "condition on header"),
        Denies("routes.*.match.query", "condition on query parameter"),
        new("routes.*.match.path", change => Neutral($"{Subject(change)} matches {change.NewText} instead of {change.OldText}")),
        new("routes.*.cluster", change => Neutral($"{Subject(change)} leads to {change.NewText ?? "no single cluster"} instead of {change.OldText ?? "no single cluster"}")),
        new("routes.*.mirror", change => change.IsAdded ? Weakens($"{Subject(change)}: requests are copied to a second cluster") : change.IsRemoved ? Strengthens($"{Subject(change)}: requests are no longer copied") : null),

        new("routes.*.policies.authenticate.methods.*", Authentication),
        Scale("routes.*.policies.authenticate.forwardAuthorization", "passing credentials on to the upstream", "true", "false"),
        new("routes.*.policies.authorize", Authorization),
        new("routes.*.policies.authorize.permissions.*", change => change switch
        {
            { IsAdded: true, NewText: AnyCaller } => Weakens($"{Subject(change)} lets in every caller who is identified"),
            { IsRemoved: true, OldText: AnyCaller } => Strengthens($"{Subject(change)} no longer lets in every caller who is identified"),
            _ => null,
        }),
        Denies("routes.*.policies.authorize.permissions", "needed permission"),
        new("routes.*.policies.authorize.anyOf.*", change => change.IsAdded
            ? By(Items(change.OldParent) is not [], $"{Subject(change)}: one sufficient permission {change.NewText} added")
            : change.IsRemoved ? By(Items(change.NewParent) is [], $"{Subject(change)}: one sufficient permission {change.OldText} removed") : null),

        new("routes.*.policies.rateLimit", change => change.IsAdded
            ? Strengthens($"{Subject(change)} is rate limited")
            : change.IsRemoved ? Weakens($"{Subject(change)} is no longer rate limited") : null),
        new("routes.*.policies.rateLimit.limits.*", change => change.IsAdded
            ? Strengthens($"{Subject(change)}: limit {change.Segments[^1]} added: {RateOf(change.New)}")
            : change.IsRemoved ? Weakens($"{Subject(change)}: limit {change.Segments[^1]} removed; it was {RateOf(change.Old)}") : null),
        new("routes.*.policies.rateLimit.limits.*.limit", Rate),
        new("routes.*.policies.rateLimit.limits.*.period", Rate),
        Limit("routes.*.policies.rateLimit.limits.*.burst", "burst of a limit"),
        Scale("routes.*.policies.rateLimit.limits.*.mode", "mode of a limit", "shadow", "enforce"),

        new("routes.*.policies.cors", change => change.IsAdded
            ? Weakens($"{Subject(change)}: pages of other origins may call it: {Origins(change.New)}")
            : change.IsRemoved ? Strengthens($"{Subject(change)}: pages of other origins may no longer call it") : null),
        Grants("routes.*.policies.cors.origins", "origin"),
        Grants("routes.*.policies.cors.methods", "cross-origin method"),
        Grants("routes.*.policies.cors.headers", "cross-origin request header"),
        Grants("routes.*.policies.cors.exposedHeaders", "header shown to other origins"),
        Scale("routes.*.policies.cors.credentials", "credentials from other origins", "true", "false"),

        new("routes.*.policies.firewall", change => change.IsAdded
            ? Strengthens($"{Subject(change)} has address rules")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer has address rules") : null),
        .. ListenerMeaning.Firewall("routes.*.policies.firewall"),

        new("routes.*.policies.headers", change => change.IsAdded
            ? Strengthens($"{Subject(change)} sends security headers")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer sends security headers") : null),
        new("routes.*.policies.headers.preset", change => change.NewText == "custom"
            ? Weakens($"{Subject(change)}: the preset {change.OldText} of security headers is gone")
            : change.OldText == "custom" ? Strengthens($"{Subject(change)}: security headers by preset {change.NewText}") : null),
        Scale("routes.*.policies.headers.keepCsp", "keeping the upstream's content security policy", "true", "false"),
        new("routes.*.policies.headers.*", change => change.NewText == "off"
            ? Weakens($"{Subject(change)}: the security header {change.Segments[^1]} is left out")
            : change.OldText == "off" ? Strengthens($"{Subject(change)}: the security header {change.Segments[^1]} is sent again") : null),
    ];

    // A route that identifies callers and names no permission refuses them all.
    private static Judgement? Authorization(TreeChange change)
    {
        if (change.IsAdded)
            return IsAnonymous(change.OldParent) ? Strengthens($"{Subject(change)} now says which callers it is for") : Weakens($"{Subject(change)} lets in callers; before, it named no permission and refused everybody");
        if (change.IsRemoved)
            return IsAnonymous(change.NewParent) ? Weakens($"{Subject(change)} no longer needs a permission") : Strengthens($"{Subject(change)} names no permission any more, so it refuses everybody");
        return null;
    }

    private static bool IsAnonymous(OptionNode? policies) => Items(((policies as OptionMap)?["authenticate"] as OptionMap)?["methods"]) is ["none"] or [];

    private static bool IsOpen(OptionMap route) => route["redirect"] is null && IsAnonymous(route["policies"]);

    private static string[] Methods(OptionMap route)
        => Items(((route["policies"] as OptionMap)?["authenticate"] as OptionMap)?["methods"]);

    private static Judgement? Authentication(TreeChange change)
    {
        var (old, current) = (Items(change.OldParent), Items(change.NewParent));
        var subject = Subject(change);
        if (change.IsAdded && change.NewText == "none") return Weakens($"{subject} no longer needs {string.Join(" or ", old)}: it is open to everybody");
        if (change.IsRemoved && change.OldText == "none") return Strengthens($"{subject} now needs {string.Join(" or ", current)}; it was open to everybody");
        if (change.IsAdded) return old is ["none"] ? Strengthens($"{subject} now takes {change.NewText}") : Weakens($"{subject} also takes {change.NewText}");
        return current is ["none"] ? Weakens($"{subject} no longer asks for {change.OldText}") : Strengthens($"{subject} no longer takes {change.OldText}");
    }

    private static string[] Items(OptionNode? list) => (list as OptionList)?.Items.Select(item => item.Identity).ToArray() ?? [];

    private static string Origins(OptionNode? cors) => (cors as OptionMap)?["origins"] is OptionList origins ? string.Join(", ", origins.Items.Select(item => item.Identity)) : "?";

    private static string RateOf(OptionNode? limit) => limit is OptionMap map ? $"{(map["limit"] as OptionValue)?.Text} per {(map["period"] as OptionValue)?.Text}" : "?";

    // Count and period are judged together: requests per second decide.
    private static Judgement? Rate(TreeChange change)
    {
        if (PerSecond(change.OldParent) is not { } old || PerSecond(change.NewParent) is not { } current) return null;
        var summary = $"{Subject(change)}: limit {change.Segments[^2]} goes from {RateOf(change.OldParent)} to {RateOf(change.NewParent)}";
        return old.Equals(current) ? Neutral(summary) : By(current > old, summary);
    }

    private static double? PerSecond(OptionNode? limit)
        => limit is OptionMap map && map["limit"] is OptionValue { Value: IConvertible count } && map["period"] is OptionValue { Value: TimeSpan { Ticks: > 0 } period }
            ? count.ToDouble(null) / period.TotalSeconds
            : null;
}
