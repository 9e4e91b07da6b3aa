using System.ComponentModel;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>One change of the path. The query stays as it is.</summary>
public sealed record PathOptions
{
    [Description("Prefix to strip: with /api, /api/a goes on as /a. It ends at a slash; other paths stay.")]
    public string? Strip { get; init; }

    [Description("Prefix to replace, with replacement; / puts the replacement in front.")]
    public string? Prefix { get; init; }

    [Description("What the prefix is replaced by.")]
    public string? Replacement { get; init; }

    [Description("Template such as /v2/{id}/{rest}, filled with the variables of the route's path; a variable takes a whole segment.")]
    public string? Template { get; init; }
}
