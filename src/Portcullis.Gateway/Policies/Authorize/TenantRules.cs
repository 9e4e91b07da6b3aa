using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Reads <c>authorize.tenant</c> of a route.</summary>
internal static class TenantRules
{
    private const string Key = "tenant";
    private const string Path = "path:";

    /// <summary>The source; null after errors.</summary>
    public static TenantSource? Read(TenantOptions options, RouteCompilation route) => options switch
    {
        { Name: { } name, From: null } => ReadName(name, route),
        { Name: null, From: "host" } => ReadHosts(route),
        { Name: null, From: { } from } when from.StartsWith(Path, StringComparison.Ordinal) => ReadVariable(from[Path.Length..], route),
        _ => Fail(route, Key, "says not in one way which tenant", "write tenant: NAME, tenant: { from: host } or tenant: { from: path:VARIABLE }"),
    };

    private static TenantSource? ReadName(string name, RouteCompilation route)
        => TenantName.IsValid(name) ? TenantSource.Named(name) : Fail(route, Key + ".name", $"{Excerpt.Quote(name)} is no name of a tenant", "use 1 to 63 letters, digits, hyphens and underscores");

    private static TenantSource? ReadHosts(RouteCompilation route)
    {
        var hosts = new List<RouteHost>();
        foreach (var text in route.Route.Match.Hosts)
        {
            if (!RouteHost.TryParse(text, out var host, out _)) continue; // reported where the route's match is compiled
            if (!host.IsWildcard) return Fail(route, Key + ".from", $"host {Excerpt.Quote(text)} is the same for every tenant", "write hosts: [\"*.example.com\"]");
            hosts.Add(host);
        }

        return hosts.Count > 0 ? TenantSource.FromHost(hosts) : Fail(route, Key + ".from", "the route matches any host, so clients could name any tenant's", "write match.hosts: [\"*.example.com\"]");
    }

    private static TenantSource? ReadVariable(string variable, RouteCompilation route)
    {
        if (!RoutePattern.TryParse(route.Route.Match.Path, out var pattern, out _)) return null; // reported where the route's match is compiled
        var index = pattern.IndexOf(variable);
        return index >= 0 && pattern.Segments[index].Kind == RouteSegmentKind.Variable
            ? TenantSource.FromPath(variable)
            : Fail(route, Key + ".from", $"the route's path has no variable {Excerpt.Quote(variable)} for one segment", "write match.path: /tenants/{tenant}/{**rest} and from: path:tenant");
    }

    private static TenantSource? Fail(RouteCompilation route, string key, string message, string hint)
    {
        route.Error(key, message, hint);
        return null;
    }
}
