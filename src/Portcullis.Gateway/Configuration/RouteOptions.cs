using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>One route: what it matches, under which policies, and where it leads.</summary>
public sealed record RouteOptions
{
    [Description("What the route matches. Of several matching routes the most specific one is taken.")]
    public required RouteMatchOptions Match { get; init; }

    [Description("Name of the cluster that answers. Exactly one of cluster, split and redirect must be there.")]
    public string? Cluster { get; init; }

    [Description("Several clusters by weight, for canary releases.")]
    public IReadOnlyList<SplitOptions>? Split { get; init; }

    [Description("Answers with a redirect instead of forwarding.")]
    public RedirectOptions? Redirect { get; init; }

    [Description("Copies a share of the requests to a second cluster, whose answers are dropped.")]
    public MirrorOptions? Mirror { get; init; }

    [Description("Replaces the cluster's timeout for this route.")]
    [Between("1ms", "24h")]
    public TimeSpan? Timeout { get; init; }

    [Description("Class of the data that the route leads to. Default: none")]
    public string? DataClass { get; init; }

    [Description("What the data is used for; records of access to a sensitive class tell it.")]
    public string? Purpose { get; init; }

    [Description("Policies by name. authenticate must be there.")]
    public PolicyOptions Policies { get; init; } = PolicyOptions.None;
}
