namespace Portcullis.Gateway.Routing;

/// <summary>One segment of a route pattern.</summary>
/// <param name="Kind">What it matches.</param>
/// <param name="Text">A literal in normal form, or the name of the variable.</param>
internal readonly record struct RouteSegment(RouteSegmentKind Kind, string Text);
