namespace Portcullis.Gateway.Configuration;

/// <summary>The options of a route's policies by the name of their kind; each value has the kind's option type.</summary>
public sealed record PolicyOptions(IReadOnlyDictionary<string, object> ByKind)
{
    public static PolicyOptions None { get; } = new(new Dictionary<string, object>(StringComparer.Ordinal));

    /// <summary>The options of one kind, or null where the route does not have it.</summary>
    public T? Find<T>(string kind)
        where T : class
        => ByKind.TryGetValue(kind, out var options) ? (T)options : null;
}
