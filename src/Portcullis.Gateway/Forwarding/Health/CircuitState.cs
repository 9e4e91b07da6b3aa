namespace Portcullis.Gateway.Forwarding.Health;

/// <summary>The states of a circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>Requests pass.</summary>
    Closed,

    /// <summary>No request passes.</summary>
    Open,

    /// <summary>One request at a time passes, as a probe.</summary>
    HalfOpen,
}
