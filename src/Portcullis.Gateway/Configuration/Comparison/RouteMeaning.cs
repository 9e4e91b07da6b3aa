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
                : Unclear($"{Subject(change)} added; it needs {Labels(Methods(added))}"),
            { Old: OptionMap removed, IsRemoved: true } => Less(removed, $"{Subject(change)} removed: what it matched goes to the next route that matches, or gets 404"),
            _ => null,
        }),
        Matches("listeners", "listener"),
        Matches("hosts", "host"),
        Matches("methods", "method"),
        Conditions("headers", "condition on header"),
        Conditions("query", "condition on query parameter"),
        new("routes.*.match.path", change => Unclear($"{Subject(change)} matches {change.NewText} instead of {change.OldText}")),
        new("routes.*.redirect", Target),
        new("routes.*.redirect.scheme", change => By(change.NewPlain == "http", $"{Subject(change)} redirects to {change.NewText} instead of {change.OldText}")),
        new("routes.*.cluster", Target),
        new("routes.*.split", Target),
        new("routes.*.mirror", change => change.IsAdded ? Weakens($"{Subject(change)}: requests are copied to a second cluster") : change.IsRemoved ? Strengthens($"{Subject(change)}: requests are no longer copied") : null),
        Limit("routes.*.mirror.share", "share of the requests that are copied"),

        new("routes.*.policies.authenticate.methods.*", Authentication),
        new("routes.*.policies.authenticate.forwardAuthorization", Forwarding),
        Scale("routes.*.policies.authenticate.require", "what is required of a sign-in", "any", "mfa"),
        new("routes.*.policies.authenticate.maxAge", change => change.IsAdded
            ? Strengthens($"{Subject(change)} wants a sign-in of the last {change.NewText}")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer wants a recent sign-in") : Limit("*.*.*.*.*", "age of a sign-in").Judge(change)),
        Scale("routes.*.policies.authenticate.upstreamToken.kind", "giving the upstream tokens that the gateway signs", "own", "session", "none"),
        new("routes.*.policies.authenticate.upstreamToken.audience", change => Unclear($"{Subject(change)}: tokens for the upstream are for {change.NewText ?? "its cluster"} instead of {change.OldText ?? "its cluster"}")),
        Limit("routes.*.policies.authenticate.upstreamToken.lifetime", "lifetime of tokens for the upstream"),
        new("routes.*.policies.authorize.tenant", change => change.IsAdded
            ? Strengthens($"{Subject(change)} lets in callers of one tenant alone")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer keeps tenants apart") : null),
        new("routes.*.policies.authorize.tenant.name", change => Unclear($"{Subject(change)} is for tenant {change.NewText ?? "that the request names"} instead of {change.OldText ?? "the one that the request names"}")),
        new("routes.*.policies.authorize.tenant.from", change => Unclear($"{Subject(change)}: the tenant is told by {change.NewText ?? "the route"} instead of {change.OldText ?? "the route"}")),
        new("routes.*.dataClass", change => Unclear($"{Subject(change)} leads to data of class {change.NewText ?? "none"} instead of {change.OldText ?? "none"}")),
        new("routes.*.purpose", change => Neutral($"{Subject(change)}: the purpose of access is {change.NewText ?? "not told"} instead of {change.OldText ?? "not told"}")),
        new("dataClasses.*", change => change.IsAdded || change.IsRemoved ? Unclear($"{Subject(change)} is {(change.IsAdded ? "defined" : "no longer defined")}") : null),
        Scale("dataClasses.*.sensitive", "telling of every access", "false", "true"),
        Scale("dataClasses.*.purposeRequired", "asking for a purpose", "false", "true"),
        new("routes.*.policies.authorize", Authorization),
        new("routes.*.policies.authorize.permissions.*", change => change switch
        {
            { IsAdded: true, NewPlain: AnyCaller } => Weakens($"{Subject(change)} lets in every caller who is identified"),
            { IsRemoved: true, OldPlain: AnyCaller } => Strengthens($"{Subject(change)} no longer lets in every caller who is identified"),
            _ => null,
        }),
        Denies("routes.*.policies.authorize.permissions", "needed permission"),
        new("routes.*.policies.authorize.anyOf.*", change => change.IsAdded
            ? By(Values(change.OldParent) is not [], $"{Subject(change)}: one sufficient permission {change.Item} added")
            : change.IsRemoved ? By(Values(change.NewParent) is [], $"{Subject(change)}: one sufficient permission {change.Item} removed") : null),

        new("routes.*.policies.cors", change => change.IsAdded
            ? Weakens($"{Subject(change)}: pages of other origins may call it: {Labels((change.New as OptionMap)?["origins"], ", ")}")
            : change.IsRemoved ? Strengthens($"{Subject(change)}: pages of other origins may no longer call it") : null),
        Grants("routes.*.policies.cors.origins", "origin"),
        GrantsOrAll("routes.*.policies.cors.methods", "cross-origin method", "all that the route matches"),
        Grants("routes.*.policies.cors.headers", "cross-origin request header"),
        Grants("routes.*.policies.cors.exposedHeaders", "header shown to other origins"),
        Scale("routes.*.policies.cors.credentials", "credentials from other origins", "true", "false"),

        new("routes.*.policies.firewall", change => change.IsAdded
            ? Strengthens($"{Subject(change)} has address rules")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer has address rules") : null),
        .. ListenerMeaning.Firewall("routes.*.policies.firewall"),
    ];

    // What one route no longer matches, another may match under weaker policies; an open route has none weaker.
    private static Judgement Less(OptionMap? route, string summary) => route is not null && IsOpen(route) ? Strengthens(summary) : Unclear(summary);

    private static SecurityRule Matches(string key, string what)
    {
        var pattern = "routes.*.match." + key;
        return new(pattern + ".*", change => GrantsOrAll(pattern, what, "any").Judge(change) is not { } judgement ? null
            : judgement.Direction == ChangeDirection.Strengthens ? Less(OldRoute(change), judgement.Summary) : judgement);
    }

    private static SecurityRule Conditions(string key, string what)
    {
        var pattern = "routes.*.match." + key;
        return new(pattern + ".*", change => Denies(pattern, what).Judge(change) is not { } judgement ? null
            : judgement.Direction == ChangeDirection.Strengthens ? Less(OldRoute(change), judgement.Summary) : judgement);
    }

    // Where requests go: an open route that only redirected and now forwards shows a cluster to everybody.
    private static Judgement Target(TreeChange change)
    {
        var (old, current) = (OldRoute(change), NewRoute(change));
        var summary = $"{Subject(change)} leads to {Leads(current)} instead of {Leads(old)}";
        if (current?["redirect"] is not null) return Strengthens(summary);
        return old?["redirect"] is not null && current is not null && IsOpen(current) ? Weakens(summary + ", open to everybody") : Unclear(summary);
    }

    private static string Leads(OptionMap? route)
        => route?["redirect"] is not null ? "a redirect"
            : (route?["cluster"] as OptionValue)?.Text ?? Labels(route?["split"], " and ");

    private static OptionMap? OldRoute(TreeChange change) => (change.OldRoot["routes"] as OptionMap)?[change.Segments[1]] as OptionMap;

    private static OptionMap? NewRoute(TreeChange change) => (change.NewRoot["routes"] as OptionMap)?[change.Segments[1]] as OptionMap;

    // A route that identifies callers and names no permission refuses them all.
    private static Judgement? Authorization(TreeChange change)
    {
        if (change.IsAdded)
            return IsAnonymous(change.OldParent) ? Strengthens($"{Subject(change)} now says which callers it is for") : Weakens($"{Subject(change)} lets in callers; before, it named no permission and refused everybody");
        if (change.IsRemoved)
            return IsAnonymous(change.NewParent) ? Weakens($"{Subject(change)} no longer needs a permission") : Strengthens($"{Subject(change)} names no permission any more, so it refuses everybody");
        return null;
    }

    private static OptionNode? Methods(OptionNode? route) => (((route as OptionMap)?["policies"] as OptionMap)?["authenticate"] as OptionMap)?["methods"];

    private static bool IsAnonymous(OptionNode? policies) => Values(((policies as OptionMap)?["authenticate"] as OptionMap)?["methods"]) is ["none"] or [];

    private static bool IsOpen(OptionMap route) => route["redirect"] is null && IsAnonymous(route["policies"]);

    // What is not written follows from the ways to authenticate.
    private static Judgement? Forwarding(TreeChange change)
        => change.NewPlain == "true" ? Weakens($"{Subject(change)}: the client's credentials go on to the upstream")
            : change.NewPlain == "false" ? Strengthens($"{Subject(change)}: the client's credentials no longer go on to the upstream")
            : change.OldPlain == "true" ? Unclear($"{Subject(change)}: the client's credentials go on to the upstream only where tokens alone are taken") : Unclear($"{Subject(change)}: the client's tokens may go on to the upstream");

    private static Judgement? Authentication(TreeChange change)
    {
        var (old, current) = (Values(change.OldParent), Values(change.NewParent));
        var subject = Subject(change);
        if (change.IsAdded && change.NewPlain == "none") return Weakens($"{subject} no longer needs {Labels(change.OldParent)}: it is open to everybody");
        if (change.IsRemoved && change.OldPlain == "none") return Strengthens($"{subject} now needs {Labels(change.NewParent)}; it was open to everybody");
        if (change.IsAdded) return old is ["none"] ? Strengthens($"{subject} now takes {change.NewText}") : Weakens($"{subject} also takes {change.NewText}");
        return current is ["none"] ? Weakens($"{subject} no longer asks for {change.OldText}") : Strengthens($"{subject} no longer takes {change.OldText}");
    }
}
