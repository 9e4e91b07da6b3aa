namespace Portcullis.Gateway.Routing;

/// <summary>Why a set of routes makes no table.</summary>
/// <param name="Route">The name of the route at fault.</param>
/// <param name="Other">The other route, when it takes two.</param>
/// <param name="Text">What is wrong, in one line.</param>
/// <param name="Hint">What to change, in one line.</param>
internal sealed record RouteTableError(string Route, string? Other, string Text, string Hint);
