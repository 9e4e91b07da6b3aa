namespace Portcullis.Gateway.Identity.Events;

/// <summary>Something that whoever watches the gateway should know. Holds names and ids, never credentials.</summary>
/// <param name="Kind">What happened.</param>
public sealed record SecurityEvent(SecurityEventKind Kind)
{
    /// <summary>The client that acted; empty where none is known.</summary>
    public string ClientId { get; init; } = string.Empty;

    /// <summary>The person concerned; empty where none is known.</summary>
    public string Subject { get; init; } = string.Empty;

    /// <summary>The grant concerned; empty where none is.</summary>
    public string GrantId { get; init; } = string.Empty;

    /// <summary>The route that it happened on; empty where none matters.</summary>
    public string Route { get; init; } = string.Empty;

    /// <summary>The class of the data concerned; empty where none is.</summary>
    public string DataClass { get; init; } = string.Empty;

    /// <summary>What the data is used for, as the route says; empty where it does not.</summary>
    public string Purpose { get; init; } = string.Empty;

    /// <summary>The request it happened in; empty outside of requests.</summary>
    public string RequestId { get; init; } = string.Empty;
}
