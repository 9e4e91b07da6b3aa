namespace Portcullis.Gateway.Routing;

/// <summary>The outcome of a lookup. <c>default</c> is "not found".</summary>
internal readonly struct RouteResult<T>
{
    internal RouteResult(RouteCandidate<T> found)
    {
        Kind = RouteResultKind.Found;
        Value = found.Value;
        Pattern = found.Pattern;
    }

    internal RouteResult(RouteResultKind kind) => Kind = kind;

    /// <summary>What was found.</summary>
    public RouteResultKind Kind { get; }

    /// <summary>The value of the route; <c>default</c> unless <see cref="Kind"/> is <see cref="RouteResultKind.Found"/>.</summary>
    public T? Value { get; }

    /// <summary>The pattern that matched, which finds the values of its variables in the path; null unless found.</summary>
    public RoutePattern? Pattern { get; }
}
