namespace Portcullis.Gateway.Routing;

/// <summary>What is wrong with a part of a route, for the person who wrote the configuration.</summary>
/// <param name="Text">What is wrong, in one line.</param>
/// <param name="Hint">What to write instead, in one line.</param>
internal sealed record RouteError(string Text, string Hint);
