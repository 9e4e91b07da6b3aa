using System.ComponentModel;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>Rules that do not run on a route, or do not look at one thing.</summary>
public sealed record ExclusionOptions
{
    [Description("A rule's id, 942100, or a range of ids, 942000-942999. Either this or tag")]
    public RuleIds? Rule { get; init; }

    [Description("A tag; all rules that have it are meant. Either this or rule")]
    public string? Tag { get; init; }

    [Description("What the rules do not look at, such as ARGS:comment or REQUEST_COOKIES:/^_ga/. Default: they do not run at all")]
    public string? Target { get; init; }

    [Description("The day on which the exclusion ends, at 00:00 UTC. Default: never")]
    public DateOnly? Until { get; init; }

    [Description("Why, for whoever reads the configuration.")]
    public string? Reason { get; init; }
}
