namespace Portcullis.Gateway.Routing;

/// <summary>Which requests a route is for: all of its conditions must hold. Immutable.</summary>
internal sealed record RouteMatch
{
    /// <summary>Conditions on headers, or on query parameters, in one route. More is a configuration error.</summary>
    public const int MaximumConditions = 16;

    /// <summary>The hosts, one of which must match; empty: any host, and requests without one.</summary>
    public IReadOnlyList<RouteHost> Hosts { get; init; } = [];

    /// <summary>The path pattern.</summary>
    public required RoutePattern Path { get; init; }

    /// <summary>The methods, case-sensitive (RFC 9110 section 9.1); empty: any. GET does not include HEAD.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Conditions on header fields, all of which must hold.</summary>
    public IReadOnlyList<FieldCondition> Headers { get; init; } = [];

    /// <summary>Conditions on query parameters, all of which must hold.</summary>
    public IReadOnlyList<FieldCondition> Query { get; init; } = [];
}
