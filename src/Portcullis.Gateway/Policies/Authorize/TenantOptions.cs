using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Whose callers alone a route is for. Exactly one of name and from says which tenant.</summary>
public sealed record TenantOptions
{
    [Description("Name of the tenant.")]
    [Shorthand]
    public string? Name { get; init; }

    [Description("Where the request names it: host (what the * of the route's hosts stands for), or path: and the name of a variable of its path.")]
    public string? From { get; init; }
}
