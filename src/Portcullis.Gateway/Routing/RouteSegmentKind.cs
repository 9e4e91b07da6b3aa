namespace Portcullis.Gateway.Routing;

/// <summary>What a segment of a route pattern matches, most specific first.</summary>
internal enum RouteSegmentKind
{
    /// <summary>Exactly this text, case-sensitive.</summary>
    Literal,

    /// <summary><c>{name}</c>: any one segment that is not empty.</summary>
    Variable,

    /// <summary><c>{**name}</c>: all the rest of the path, which may be empty.</summary>
    Rest,
}
