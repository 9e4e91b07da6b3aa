namespace Portcullis.Gateway.Routing;

/// <summary>What a lookup found.</summary>
internal enum RouteResultKind
{
    /// <summary>No route is for this request: 404 <c>route.not_found</c>.</summary>
    NotFound,

    /// <summary>A route was found.</summary>
    Found,

    /// <summary>Routes fit in all but the method.</summary>
    MethodNotAllowed,

    /// <summary>
    /// An upstream that cuts path parameters off or decodes reserved characters would see a path of another route: 400 <c>request.malformed</c>.
    /// </summary>
    Ambiguous,
}
