using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Which tenant a request is about: the one that the route names, or what its host or path says. Immutable; asking allocates nothing.</summary>
internal sealed class TenantSource
{
    private readonly string? fixedName;
    private readonly string? variable;
    private readonly IReadOnlyList<RouteHost> hosts;

    private TenantSource(string? fixedName, string? variable, IReadOnlyList<RouteHost> hosts)
    {
        this.fixedName = fixedName;
        this.variable = variable;
        this.hosts = hosts;
    }

    public static TenantSource Named(string name) => new(name, null, []);

    /// <param name="variable">Of every path that the route matches, and for one segment.</param>
    public static TenantSource FromPath(string variable) => new(null, variable, []);

    /// <param name="wildcards">The hosts of the route, all wildcards.</param>
    public static TenantSource FromHost(IReadOnlyList<RouteHost> wildcards) => new(null, null, wildcards);

    /// <summary>Whether the request is about this tenant, and about no other.</summary>
    public bool Is(Exchange exchange, string tenant)
    {
        if (tenant.Length == 0) return false;
        if (fixedName is not null) return tenant == fixedName;
        if (variable is not null) return exchange.Pattern is { } pattern && pattern.TryGetValue(exchange.Target.Path, variable, out var value) && value.SequenceEqual(tenant);

        // The whole of what the star stands for: a.b.example.com is not a's.
        var host = exchange.Host.Name;
        foreach (var wildcard in hosts)
        {
            if (host.Length == tenant.Length + 1 + wildcard.Name.Length && host.StartsWith(tenant) && host[tenant.Length] == '.' && host.EndsWith(wildcard.Name)) return true;
        }

        return false;
    }
}
