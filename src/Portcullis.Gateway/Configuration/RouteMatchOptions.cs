using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The conditions of a route; all must hold.</summary>
public sealed record RouteMatchOptions
{
    [Description("Names of the listeners the route is served on. Default: all")]
    public IReadOnlyList<string> Listeners { get; init; } = [];

    [Description("Host names: exact or *.example.com. Default: any")]
    public IReadOnlyList<string> Hosts { get; init; } = [];

    [Description("Path pattern: literals, {name} for one segment, {**rest} at the end for all further ones.")]
    public required string Path { get; init; }

    [Description("Methods. Default: any")]
    public IReadOnlyList<string> Methods { get; init; } = [];

    [Description("Conditions on request header fields.")]
    public IReadOnlyList<FieldConditionOptions> Headers { get; init; } = [];

    [Description("Conditions on query parameters.")]
    public IReadOnlyList<FieldConditionOptions> Query { get; init; } = [];
}
