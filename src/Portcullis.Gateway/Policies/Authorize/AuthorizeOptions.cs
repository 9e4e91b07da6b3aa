using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Which callers a route is for.</summary>
public sealed record AuthorizeOptions
{
    [Description("Permissions resource:action, all of which the caller must have; or the word authenticated: every caller with a valid credential.")]
    [Shorthand]
    public IReadOnlyList<string> Permissions { get; init; } = [];

    [Description("Permissions, one of which the caller must have, beside all of the others.")]
    public IReadOnlyList<string> AnyOf { get; init; } = [];

    [Description("Tenant that the caller must belong to. Default: any, or none")]
    public TenantOptions? Tenant { get; init; }
}
