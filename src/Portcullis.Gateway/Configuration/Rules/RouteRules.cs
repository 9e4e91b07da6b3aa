using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Where routes lead, on which listeners, and whether each says who may use it.</summary>
internal static class RouteRules
{
    public static void Check(RuleScope scope)
    {
        var listeners = scope.Options.Listeners.Keys.ToHashSet(StringComparer.Ordinal);
        var clusters = scope.Options.Clusters.Keys.ToHashSet(StringComparer.Ordinal);
        var open = new List<string>();
        foreach (var (name, route) in scope.Options.Routes)
        {
            var path = "routes." + name;
            CheckDestination(scope, path, route, clusters);
            CheckRedirect(scope, path + ".redirect", route.Redirect);
            for (var i = 0; i < route.Match.Listeners.Count; i++)
                scope.Reference($"{path}.match.listeners[{i}]", "listeners", "listener", route.Match.Listeners[i], listeners);

            if (!scope.IsWritten(path + ".policies.authenticate") && !route.Policies.ByKind.ContainsKey("authenticate"))
                scope.Error(path + ".policies", "'authenticate' is missing", "add authenticate: token; authenticate: none leaves the route open to everybody");
            if (route.Redirect is null && route.Policies.Find<AuthenticateOptions>("authenticate") is { } authenticate && authenticate.Methods.Contains(AuthenticationMethod.None)) open.Add(name);
        }

        if (open.Count == 0) return;
        var names = string.Join(", ", open.Take(20)) + (open.Count > 20 ? $" and {open.Count - 20} more" : string.Empty);
        scope.Warning("routes", $"open to everybody by authenticate: none: {names}", "check that each of them is meant to be public");
    }

    private static void CheckDestination(RuleScope scope, string path, RouteOptions route, IReadOnlyCollection<string> clusters)
    {
        string[] ways = [.. new[] { "cluster", "split", "redirect" }.Where(key => scope.IsWritten($"{path}.{key}") || IsSet(route, key))];
        if (ways.Length == 0) scope.Error(path, "leads nowhere", "add one of cluster, split or redirect");
        if (ways.Length > 1) scope.Error(path, $"has {string.Join(" and ", ways)}, which exclude each other", "keep one of them");

        if (route.Cluster is { } cluster) scope.Reference(path + ".cluster", "clusters", "cluster", cluster, clusters);
        if (route.Mirror is { } mirror) scope.Reference(MirrorPath(scope, path), "clusters", "cluster", mirror.Cluster, clusters);
        if (route.Split is not { } split) return;

        for (var i = 0; i < split.Count; i++) scope.Reference($"{path}.split[{i}].cluster", "clusters", "cluster", split[i].Cluster, clusters);
        if (split.Sum(arm => (long)arm.Weight) == 0 && !scope.Problems.HasErrorAt(path + ".split"))
            scope.Error(path + ".split", "no arm has a weight above 0", "give each cluster its share: [{ cluster: stable, weight: 95 }, { cluster: canary, weight: 5 }]");
    }

    private static string MirrorPath(RuleScope scope, string path) => scope.IsWritten(path + ".mirror.cluster") ? path + ".mirror.cluster" : path + ".mirror";

    private static bool IsSet(RouteOptions route, string key) => key switch
    {
        "cluster" => route.Cluster is not null,
        "split" => route.Split is not null,
        _ => route.Redirect is not null,
    };

    private static void CheckRedirect(RuleScope scope, string path, RedirectOptions? redirect)
    {
        if (redirect is null) return;
        if (redirect.Scheme is not ("http" or "https")) scope.Error(path + ".scheme", $"{Excerpt.Quote(redirect.Scheme)} is no scheme that can be redirected to", "write https or http");
        if (redirect.Scheme == "http") scope.Warning(path + ".scheme", "clients are sent to an unencrypted address", "redirect to https");
        if (redirect.Status is not (301 or 302 or 307 or 308)) scope.Error(path + ".status", $"{redirect.Status} is no redirect", "write 301, 302, 307 or 308");
    }
}
