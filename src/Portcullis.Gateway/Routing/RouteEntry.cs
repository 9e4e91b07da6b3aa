namespace Portcullis.Gateway.Routing;

/// <summary>One route for <see cref="RouteTable{T}.Build"/>.</summary>
/// <param name="Name">Its name, for error messages.</param>
/// <param name="Match">Which requests it is for.</param>
/// <param name="Value">What a lookup returns.</param>
internal sealed record RouteEntry<T>(string Name, RouteMatch Match, T Value);
